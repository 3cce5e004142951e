#include "monitor/container_name.hpp"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <sys/stat.h>

#include "support/temporary_site.hpp"

namespace ringway::monitor {
namespace {

const std::string id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

TEST(container_name, knows_container_managers) {
    EXPECT_EQ(container_of_cgroup("/system.slice/docker-" + id + ".scope"), "docker:0123456789ab");
    EXPECT_EQ(container_of_cgroup("/docker/" + id), "docker:0123456789ab");
    EXPECT_EQ(container_of_cgroup("/machine.slice/libpod-" + id + ".scope/container"),
              "podman:0123456789ab");
    EXPECT_EQ(container_of_cgroup("/kubepods.slice/kubepods-burstable.slice/"
                                  "kubepods-burstable-pod12.slice/cri-containerd-" +
                                  id + ".scope"),
              "containerd:0123456789ab");
    EXPECT_EQ(container_of_cgroup("/kubepods/besteffort/podaa/" + id), "container:0123456789ab");
    EXPECT_EQ(container_of_cgroup("/kubepods.slice/crio-" + id + ".scope"), "crio:0123456789ab");
    EXPECT_EQ(container_of_cgroup("/lxc/web"), "lxc:web");
    EXPECT_EQ(container_of_cgroup("/lxc.payload.web/init.scope"), "lxc:web");
    EXPECT_EQ(container_of_cgroup("/machine.slice/machine-web.scope"), "machine:web");
}

TEST(container_name, names_units_of_systemd) {
    EXPECT_EQ(container_of_cgroup("/system.slice/nginx.service"), "nginx.service");
    EXPECT_EQ(container_of_cgroup("/user.slice/user-0.slice/session-3.scope"), "session-3.scope");
    EXPECT_EQ(container_of_cgroup("/"), "");
    EXPECT_EQ(container_of_cgroup("/docker/short"), "");
    EXPECT_EQ(container_of_cgroup("/system.slice/docker-short.scope"), "docker-short.scope");
}

class container_names_test : public ::testing::Test {
protected:
    void write(const std::string& name, const std::string& text) {
        const auto path = std::filesystem::path{site_.path()} / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream{path} << text;
    }
    std::string root() const { return site_.path(); }

    test::temporary_site site_;
};

TEST_F(container_names_test, reads_the_groups_of_processes) {
    write("12/cgroup", "4:memory:/docker/" + id + "\n0::/system.slice/docker.service\n");
    write("13/cgroup", "0::/system.slice/sshd.service\n");
    const container_names names{root()};
    EXPECT_EQ(names.of_process(12), "docker:0123456789ab");
    EXPECT_EQ(names.of_process(13), "sshd.service");
    EXPECT_EQ(names.of_process(14), "");
}

TEST_F(container_names_test, finds_groups_by_their_number) {
    write("groups/docker/" + id + "/cgroup.procs", "");
    write("self/mountinfo",
          "30 20 0:26 / " + root() + "/groups rw shared:1 - cgroup2 cgroup2 rw\n");
    struct stat about{};
    ASSERT_EQ(::stat((root() + "/groups/docker/" + id).c_str(), &about), 0);
    container_names names{root()};
    EXPECT_EQ(names.of_cgroup(about.st_ino), "docker:0123456789ab");
    EXPECT_EQ(names.of_cgroup(1), "");
    EXPECT_EQ(names.of_cgroup(about.st_ino + 100'000), "");
}

}  // namespace
}  // namespace ringway::monitor
