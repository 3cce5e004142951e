#include <gtest/gtest.h>

#include "lab/results_json.hpp"

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

}  // namespace
}  // namespace ringway::lab
