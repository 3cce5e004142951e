#include <gtest/gtest.h>

#include "lab/machine.hpp"
#include "lab/results_json.hpp"
#include "support/run_on_shard.hpp"

namespace ringway::lab {
namespace {

TEST(machine_description, says_what_a_reader_asks) {
    const auto facts = describe_machine("/proc/self");
    for (const auto* const name :
         {"time", "kernel", "system", "processor", "cores", "virtual", "memory_gb", "governor",
          "driver", "file_system", "load_before"}) {
        EXPECT_TRUE(facts.contains(name)) << name;
    }
    EXPECT_EQ(facts["file_system"], "proc on proc");
    EXPECT_GT(facts["memory_gb"], 0);
}

TEST(machine_description, says_whether_the_host_takes_memory_back) {
    const test::scratch_directory bus;
    for (const std::string device : {"one", "two"}) {
        bus.make_directory(device);
    }
    bus.write("one/device", "0x0002\n");
    bus.write("one/features", "1111111100000000\n");
    EXPECT_FALSE(host_takes_free_memory(bus.path()));
    bus.write("two/device", "0x0005\n");
    bus.write("two/features", "0110001000000000\n");
    EXPECT_FALSE(host_takes_free_memory(bus.path()));
    bus.write("two/features", "0110010000000000\n");
    EXPECT_TRUE(host_takes_free_memory(bus.path()));
    EXPECT_FALSE(host_takes_free_memory(bus.at("nothing")));
}

}  // namespace
}  // namespace ringway::lab
