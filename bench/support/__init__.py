"""What bench/serve, bench/echo and bench/soak share."""
