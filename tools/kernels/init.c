/* The first process of the emulated kernel. Loads the modules listed in /modules, puts the host's
 * file system (virtiofs, read-only) under a RAM overlay, runs /.out/command in there, leaves its
 * exit status in /.out/status and switches the machine off. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void complain(const char* what, const char* name) {
    fprintf(stderr, "init: %s %s: %s\n", what, name, strerror(errno));
}

static void power_off(void) {
    sync();
    reboot(RB_POWER_OFF);
}

static int mount_at(const char* source, const char* target, const char* type, unsigned long flags,
                    const char* options) {
    mkdir(target, 0755);
    int failed = mount(source, target, type, flags, options);
    if (failed) complain("mount", target);
    return failed;
}

static void load_modules(void) {
    char path[512];
    FILE* list = fopen("/modules", "r");
    while (list && fgets(path, sizeof path, list)) {
        path[strcspn(path, "\n")] = 0;
        int module = open(path, O_RDONLY);
        if (module < 0 || (syscall(SYS_finit_module, module, "", 0) && errno != EEXIST))
            complain("load", path);
        if (module >= 0) close(module);
    }
    if (list) fclose(list);
}

/* What a program expects to find in a running system. */
static void mount_kernel_file_systems(void) {
    mount_at("devtmpfs", "/new/dev", "devtmpfs", 0, "");
    mount_at("devpts", "/new/dev/pts", "devpts", 0, "ptmxmode=666");
    mount_at("tmpfs", "/new/dev/shm", "tmpfs", 0, "");
    mount_at("proc", "/new/proc", "proc", 0, "");
    mount_at("sysfs", "/new/sys", "sysfs", 0, "");
    mount_at("bpf", "/new/sys/fs/bpf", "bpf", 0, "");
    mount_at("tmpfs", "/new/run", "tmpfs", 0, "mode=755");
    mount_at("tmpfs", "/new/tmp", "tmpfs", 0, "mode=1777");
    symlink("/proc/self/fd", "/new/dev/fd");
    mount_at("out", "/new/.out", "virtiofs", 0, "");
}

static int enter_host_root(void) {
    mkdir("/new", 0755);
    if (mount_at("root", "/lower", "virtiofs", MS_RDONLY, "")) return -1;
    if (mount_at("tmpfs", "/upper", "tmpfs", 0, "mode=755")) return -1;
    mkdir("/upper/files", 0755);
    mkdir("/upper/scratch", 0755);
    if (mount("overlay", "/new", "overlay", 0,
              "lowerdir=/lower,upperdir=/upper/files,workdir=/upper/scratch"))
        return -1;
    mount_kernel_file_systems();
    return chroot("/new") || chdir("/");
}

static int run_command(void) {
    pid_t child = fork();
    if (child == 0) {
        char* arguments[] = {"/bin/sh", "/.out/command", NULL};
        char* environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/tmp", "LANG=C.UTF-8",
                               NULL};
        setsid();
        execve(arguments[0], arguments, environment);
        complain("run", arguments[1]);
        _exit(127);
    }
    int status = 0;
    for (;;) {
        pid_t ended = wait(&status); /* Orphans of the command end here too. */
        if (ended == child) break;
        if (ended < 0 && errno != EINTR) return 126;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(void) {
    mkdir("/dev", 0755);
    mount("devtmpfs", "/dev", "devtmpfs", 0, "");
    int console = open("/dev/console", O_RDWR);
    for (int fd = 0; console >= 0 && fd < 3; ++fd) dup2(console, fd);
    load_modules();
    if (enter_host_root()) {
        complain("enter", "the root of the host");
        power_off();
    }
    int status = run_command();
    FILE* file = fopen("/.out/status", "w");
    if (file) {
        fprintf(file, "%d\n", status);
        fclose(file);
    }
    power_off();
}
