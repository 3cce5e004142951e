// What a listing looks like.
#pragma once

#include <string_view>

namespace ringway::files {

/// The style sheet of the page. Icons are clipped boxes, because the page's policy allows no
/// images, and because ten thousand of them then cost no element each. In CSS as in C++, a
/// backslash at the end of a line continues a string.
inline constexpr std::string_view listing_style = R"(
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #fff; --ink: #1d2329; --dim: #626c78;
  --line: #e3e7ec; --hover: #f0f4fa; --link: #0b57c2; --folder: #4b8fe2; --file: #9aa5b3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12151a; --card: #1a1e25; --ink: #e4e8ee; --dim: #939dab;
    --line: #2a303a; --hover: #222834; --link: #82b4ff; --folder: #6ba6f2; --file: #6e7988;
  }
}
* { box-sizing: border-box }
body {
  margin: 0 auto; max-width: 62rem; padding: 2.5rem 1.5rem;
  background: var(--page); color: var(--ink);
  font: 0.9375rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
a { color: var(--link); text-decoration: none }
a:hover { text-decoration: underline }
a:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px }
h1 { margin: 0; font-size: 1.375rem; font-weight: 600; line-height: 1.35; overflow-wrap: anywhere }
h1 a { font-weight: 400 }
h1 a[aria-current] { font-weight: 600; color: var(--ink) }
h1 i { font-style: normal; font-weight: 400; color: var(--dim); margin: 0 0.3em }
p { margin: 0.25rem 0 1.25rem; color: var(--dim) }
p b { color: var(--ink); font-weight: 600 }
table {
  width: 100%; border-collapse: separate; border-spacing: 0; overflow: clip;
  background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  font-variant-numeric: tabular-nums;
}
th, td { padding: 0.5rem 1rem; text-align: left; vertical-align: top }
th {
  position: sticky; top: 0; background: var(--card); border-bottom: 1px solid var(--line);
  font-size: 0.8125rem; font-weight: 500; white-space: nowrap;
}
th a { color: var(--dim) }
th[aria-sort] a { color: var(--ink) }
th[aria-sort=ascending] a::after { content: " \2191" }
th[aria-sort=descending] a::after { content: " \2193" }
tr + tr td { border-top: 1px solid var(--line) }
tbody tr:hover { background: var(--hover) }
td { color: var(--dim); white-space: nowrap }
td:first-child { width: 100%; white-space: normal; overflow-wrap: anywhere; unicode-bidi: isolate }
td a { display: block; position: relative; padding-left: 1.75rem }
td a::before {
  content: ""; position: absolute; left: 0; top: 0.2em; width: 16px; height: 16px;
  background: var(--file);
  clip-path: path(evenodd, "M4 1h5.5L13 4.5V14a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V2a1 1 0 0 1 1-1z\
M4.25 2.25v11.5h7.5V5.25H8.75v-3z");
}
.d a::before {
  background: var(--folder);
  clip-path: path("M2 2.5h3.8a1 1 0 0 1 .7.3L8 4.2h6a1 1 0 0 1 1 1v7.3a1 1 0 0 1-1 1H2a1 1 0 0 1\
-1-1v-9a1 1 0 0 1 1-1z");
}
.u a::before {
  background: var(--dim);
  clip-path: path("M8 2.2 13 7.2 12 8.2 8.7 4.9V14H7.3V4.9L4 8.2 3 7.2z");
}
td:nth-child(2), th:nth-child(2) { text-align: right }
footer { display: flex; gap: 1.25rem; margin-top: 1rem; font-size: 0.8125rem; color: var(--dim) }
footer span { margin-left: auto }
@media (max-width: 36rem) {
  body { padding: 1.25rem 0.75rem }
  th, td { padding: 0.5rem 0.5rem }
  th:first-child, td:first-child { padding-left: 0.75rem }
  th:last-child, td:last-child { padding-right: 0.75rem }
  td { font-size: 0.8125rem; line-height: 1.75 }
  td:first-child { font-size: 0.9375rem; line-height: 1.5 }
  time span { display: none }
}
@media print {
  body { max-width: none; padding: 0; background: none; font-size: 9pt }
  table { border: 0; background: none }
  th { position: static; background: none }
  th, td { padding: 2pt 4pt; color: #000 }
  a, h1 i, p { color: #000 }
  td a { padding: 0 }
  td a::before, .u, footer { display: none }
  tr { break-inside: avoid }
}
)";

}  // namespace ringway::files
