// Gives the layer link checks an entry point: see layers.cmake.
int main() {}
