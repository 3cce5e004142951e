#!/usr/bin/env python3
"""Tests of tidy.py: each rule finds what it is for, and nothing in code that is as it should be."""

import pathlib
import tempfile
import unittest

import tidy

HEADER = "// What it is for.\n#pragma once\n"


class TidyTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        self.write("src/CMakeLists.txt", "".join(
            f"add_subdirectory({layer})\n" for layer in ("base", "wire", "ring", "net")))
        self.write("src/base/CMakeLists.txt", "ringway_layer(NAME base)\n")
        self.write("src/wire/CMakeLists.txt", "ringway_layer(NAME wire USES base)\n")
        self.write("src/ring/CMakeLists.txt",
                   "ringway_layer(NAME ring USES wire LIBRARIES ringway::uring)\n")
        self.write("src/net/CMakeLists.txt", "ringway_layer(NAME net USES ring)\n")

    def write(self, path, text):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def messages(self, path=None):
        return [message for where, _, message in tidy.findings(self.root)
                if path is None or where == path]

    def assert_finds(self, path, text, part):
        self.write(path, text)
        found = self.messages(path)
        self.assertTrue(any(part in message for message in found), f"{part!r} not in {found}")

    def assert_clean(self, path, text):
        self.write(path, text)
        self.assertEqual(self.messages(path), [])

    def test_the_bare_tree_is_clean(self):
        self.assertEqual(self.messages(), [])

    def test_text_form(self):
        self.assert_finds("tests/a.cpp", "int a;", "no newline")
        self.assert_finds("tests/a.cpp", "int a; \n", "space at the end")
        self.assert_finds("tests/a.cpp", "\tint a;\n", "tab")
        self.assert_finds("tests/a.cpp", "//" + "a" * 99 + "\n", "101 columns")
        self.assert_finds("docs/a.md", f"see {self.root}/x\n", "absolute path")
        self.assert_finds("docs/a.md", "see /ho" "me/jo/x\n", "absolute path")
        self.assert_finds("tests/a.cpp", "// TO" "DO: later\n", "do it")

    def test_sizes(self):
        self.assert_finds("tests/a.cpp", "int a;\n" * 601, "601 lines")
        self.assert_clean("tests/a.cpp", "int a;\n" * 600)
        self.assert_finds("include/ringway/base/a.hpp", HEADER + "int a;\n" * 249, "251 lines")

    def test_long_functions(self):
        body = "    work();\n"
        self.assert_finds("tests/a.cpp", "int f(int a,\n      int b) {\n" + body * 68 + "}\n",
                          "a function of 71 lines")
        self.assert_clean("tests/a.cpp", "int f() {\n" + body * 68 + "}\n")
        inner = "    {\n" + body * 34 + "    }\n"
        self.assert_finds("tests/a.cpp", "int f() {\n" + inner * 2 + "}\n", "a function of 74")

    def test_long_types_namespaces_and_tables_are_no_functions(self):
        members = "    int x(int);\n" * 80
        self.assert_clean("tests/a.cpp", "class alignas(64) a : b<int(int)> {\n" + members + "};\n")
        self.assert_clean("tests/a.cpp", "namespace a {\n" + members + "}\n")
        table = "const auto t = f();\nint t[] = {\n" + "1,\n" * 80 + "};\n"
        self.assert_clean("tests/a.cpp", table)

    def test_banned_forms(self):
        self.assert_finds("tests/a.cpp", "auto [a, b] = co_await f();\n", "name the result")
        self.assert_finds("src/net/a.hpp", HEADER + "using namespace std;\n", "using namespace")
        self.assert_finds("tests/a.cpp", "volatile int a;\n", "volatile")
        self.assert_finds("src/net/a.hpp", HEADER + "inline void f() { throw 1; }\n", "never throw")
        self.assert_finds("src/net/a.cpp", 'void f() { fmt::print("a"); }\n', "print_text")
        self.assert_finds("include/ringway/net/a.hpp", HEADER + "std::function<void()> f;\n",
                          "allocates")
        self.assert_finds("tests/unit/net/a_test.cpp", "std::this_thread::sleep_for(1s);\n",
                          "does not sleep")

    def test_banned_forms_in_comments_and_literals_are_fine(self):
        self.assert_clean("tests/a.cpp", '// volatile\nauto a = "volatile \\" volatile";\n'
                                         "/* volatile\n volatile */ auto b = R\"(volatile)\";\n"
                                         "auto c = 1'000 + '\"'; asm volatile(\"\");\n")

    def test_header_form(self):
        self.assert_finds("src/net/a.hpp", "#pragma once\n", "what the header is for")
        self.assert_finds("src/net/a.hpp", "// It.\n#include <x>\n#pragma once\n", "comes before")
        self.assert_clean("src/net/a.hpp", "// It.\n// More.\n#pragma once\n")

    def test_layers(self):
        self.assert_clean("src/net/a.hpp", HEADER + "#include <ringway/base/a.hpp>\n"
                                           '#include "wire/a.hpp"\n')
        self.assert_finds("src/wire/a.hpp", HEADER + "#include <ringway/net/a.hpp>\n",
                          "layer wire may not use layer net")
        self.assert_finds("src/wire/a.hpp", HEADER + '#include "ring/a.hpp"\n',
                          "layer wire may not use layer ring")
        self.assert_finds("include/ringway/net/a.hpp", HEADER + '#include "ring/a.hpp"\n',
                          "public header includes public headers")
        self.assert_finds("include/ringway/ring/a.hpp", HEADER + "#include <liburing.h>\n",
                          "does not show")
        self.assert_finds("src/net/a.hpp", HEADER + "#include <liburing.h>\n",
                          "only lab, probe, ring")

    def test_links(self):
        self.assert_finds("docs/a.md", "[x](missing.md)\n", "leads nowhere")
        self.assert_clean("docs/a.md", "[x](a.md#top) [y](https://example.org) [z](#here)\n")

    def test_mirrors(self):
        self.write("src/net/a.cpp", "int a;\n")
        self.assertEqual(self.messages(), ["tests/unit/net/a_test.cpp is missing"])
        self.write("tools/untested.txt", "src/net/a.cpp\n")
        self.assertEqual(self.messages(), ["a reason is missing"])
        self.write("tools/untested.txt", "# Comment.\nsrc/net/a.cpp  # tested by c\n")
        self.assertEqual(self.messages(), [])
        self.write("tests/unit/net/a_test.cpp", "int a;\n")
        self.assertEqual(self.messages(), ["src/net/a.cpp has a test now"])


if __name__ == "__main__":
    unittest.main()
