// flood INTERFACE KIND FIRST SOURCES SECONDS RATE [sleep]: frames of KIND (syn, ack, udp or
// initial, the datagram that begins a QUIC connection, with nonsense behind its head) to 10.77.0.1
// port 8080 and the hardware address 02:00:00:00:00:01, from SOURCES addresses from FIRST on, out
// of INTERFACE, at RATE a second (0: as fast as it goes). Prints how many there were, and when the
// first and the last were sent (CLOCK_MONOTONIC).
//
// Frames are made in the kernel (BPF_F_TEST_XDP_LIVE_FRAMES, Linux 5.18), in one run that a signal
// ends and that keeps the rate by looking at the clock all the time. With "sleep" the processor is
// left to others meanwhile: several frames are sent every 20 milliseconds, since a run takes that
// long to be set up and taken down.
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "flood.h"
#include "flood.skel.h"

enum { frame_bytes_max = 1280 };

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec * 1e-9;
}

static int make_frame(unsigned char* to, const char* kind) {
    static const unsigned char head[34] = {2, 0, 0,    0, 0, 1, 2,  0,  0,    0, 0,  2,
                                           8, 0, 0x45, 0, 0, 0, 0,  0,  0x40, 0, 64, 0,
                                           0, 0, 0,    0, 0, 0, 10, 77, 0,    1};
    static const unsigned char quic[16] = {0xc0, 0, 0, 0, 1, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0};
    const int initial = strcmp(kind, "initial") == 0;
    const int udp = initial || strcmp(kind, "udp") == 0;
    const int size = initial ? 1242 : udp ? 60 : 54;
    memset(to, 0, frame_bytes_max);
    memcpy(to, head, sizeof head);
    to[16] = (unsigned char)((size - 14) >> 8);
    to[17] = (unsigned char)(size - 14);
    to[23] = udp ? 17 : 6;
    to[34] = 0x9c;
    to[35] = 0x40;
    to[36] = 0x1f;  // 8080
    to[37] = 0x90;
    if (udp) {
        to[38] = (unsigned char)((size - 34) >> 8);
        to[39] = (unsigned char)(size - 34);
    }
    if (initial) {
        memcpy(to + 42, quic, sizeof quic);
        to[58] = 0x44;  // The length of what follows: 1182, of which the packet number has a byte.
        to[59] = 0x9e;
    } else if (!udp) {
        to[46] = 0x50;
        to[47] = strcmp(kind, "syn") == 0 ? 2 : 0x10;
    }
    return size;
}

// The sum of the 16-bit words from `at` to `end`.
static unsigned sum_of(const unsigned char* at, const unsigned char* end) {
    unsigned sum = 0;
    for (; at < end; at += 2) {
        sum += (unsigned)at[0] << 8 | at[1];
    }
    return sum;
}

static void wake(int signal_number) { (void)signal_number; }

// 0, or what went wrong.
static int send_frames(const struct flood_bpf* object, struct bpf_test_run_opts* how, int frames) {
    how->repeat = frames;
    const int failed = bpf_prog_test_run_opts(bpf_program__fd(object->progs.flood), how);
    return failed == -EINTR ? 0 : failed;
}

static int send_all_the_time(const struct flood_bpf* object, struct bpf_test_run_opts* how,
                             double seconds) {
    signal(SIGALRM, wake);
    const struct itimerval until = {
        .it_value = {.tv_sec = (time_t)seconds,
                     .tv_usec = (suseconds_t)((seconds - (double)(time_t)seconds) * 1e6)},
        .it_interval = {.tv_usec = 10000}};  // Again, in case it came too early.
    setitimer(ITIMER_REAL, &until, NULL);
    return send_frames(object, how, 0x7fffffff);
}

static int send_now_and_then(const struct flood_bpf* object, struct bpf_test_run_opts* how,
                             double seconds, double rate) {
    const double begin = now();
    for (;;) {
        const double passed = now() - begin;
        if (passed >= seconds) return 0;
        const double due = rate * passed - (double)object->bss->sent.frames;
        if (due < 64) {
            nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
            continue;
        }
        const int failed = send_frames(object, how, due > 8192 ? 8192 : (int)due);
        if (failed != 0) return failed;
    }
}

int main(int count, char** arguments) {
    const int sleeps = count == 8 && strcmp(arguments[7], "sleep") == 0;
    if (count != 7 && !sleeps) {
        fprintf(stderr, "flood INTERFACE KIND FIRST SOURCES SECONDS RATE [sleep]\n");
        return 2;
    }
    const unsigned interface = if_nametoindex(arguments[1]);
    struct flood_bpf* const object = flood_bpf__open();
    if (interface == 0 || object == NULL) {
        perror(arguments[1]);
        return 1;
    }
    const double rate = strtod(arguments[6], NULL);
    struct flood_settings* const settings = &object->bss->settings;
    settings->source = ntohl(inet_addr(arguments[3]));
    settings->sources = (unsigned)strtoul(arguments[4], NULL, 10);
    settings->gap = rate > 0 && !sleeps ? (__u64)(1e9 / rate) : 0;
    unsigned char frame[frame_bytes_max];
    const int size = make_frame(frame, arguments[2]);
    settings->ip_sum = sum_of(frame + 14, frame + 34);
    // The pseudo header: destination, protocol and length.
    settings->tcp = frame[23] == 6;
    settings->tcp_sum = sum_of(frame + 34, frame + 54) + sum_of(frame + 30, frame + 34) + 6 + 20;
    if (flood_bpf__load(object) != 0) {
        return 1;
    }
    struct xdp_md where = {.data_end = (unsigned)size, .ingress_ifindex = interface};
    LIBBPF_OPTS(bpf_test_run_opts, how, .data_in = frame, .data_size_in = where.data_end,
                .ctx_in = &where, .ctx_size_in = sizeof where, .flags = BPF_F_TEST_XDP_LIVE_FRAMES,
                .batch_size = 64);
    const double seconds = strtod(arguments[5], NULL);
    const int failed = sleeps ? send_now_and_then(object, &how, seconds, rate)
                              : send_all_the_time(object, &how, seconds);
    if (failed != 0) {
        fprintf(stderr, "flood: %s\n", strerror(-failed));
        return 1;
    }
    const struct flood_sent* const sent = &object->bss->sent;
    printf("%llu %.9f %.9f\n", sent->frames, (double)sent->first * 1e-9, (double)sent->last * 1e-9);
    return 0;
}
