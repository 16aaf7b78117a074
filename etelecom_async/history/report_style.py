"""The style sheet of a report: desktop, phone and paper."""

from __future__ import annotations

from typing import Final

CSS: Final = """
:root { color-scheme: only light;
  --ink: #0f172a; --soft: #64748b; --line: #e2e8f0; --page: #f1f5f9; --blue: #2563eb; --red: #dc2626; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink); line-height: 1.5;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
header { background: #1e3a8a; color: #fff; padding: 28px 16px 84px; }
header > div { max-width: 920px; margin: 0 auto; }
main { max-width: 952px; margin: 0 auto; }
h1 { margin: 0 0 2px; font-size: 30px; line-height: 1.2; letter-spacing: -.01em; overflow-wrap: anywhere; }
header p { margin: 0; color: #dbeafe; }
header .kind { font-size: 14px; font-weight: 600; letter-spacing: .06em; text-transform: uppercase; }
header dl { display: flex; flex-wrap: wrap; gap: 4px 28px; margin: 14px 0 0; font-size: 14px; }
header dl div { display: flex; gap: 6px; }
header dt { color: #bfdbfe; }
header dd { margin: 0; font-weight: 600; }
main { padding: 0 16px 32px; margin-top: -60px; }
.cards { display: grid; grid-template-columns: repeat(3, 1fr); gap: 12px; margin: 0 0 16px; padding: 0;
  list-style: none; }
.cards li, section { background: #fff; border: 1px solid var(--line); border-radius: 12px;
  box-shadow: 0 1px 2px rgb(15 23 42 / 6%); }
.cards li { padding: 14px 16px; min-width: 0; }
.cards .name { display: block; color: var(--soft); font-size: 14px; }
.cards .big { display: block; font-size: 30px; font-weight: 700; line-height: 1.25; letter-spacing: -.02em; }
.cards .big.bad { color: var(--red); }
.cards .more { display: block; color: var(--soft); font-size: 13px; }
section { padding: 18px 20px 20px; margin: 0 0 16px; }
h2 { margin: 0 0 2px; font-size: 19px; line-height: 1.3; }
section > p { margin: 2px 0 10px; color: var(--soft); font-size: 14px; }
figure { margin: 12px 0 0; }
figure svg { display: block; width: 100%; max-width: 100%; height: auto; overflow: visible; }
.narrow { display: none; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums;
  margin-top: 8px; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { padding: 6px 10px; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-weight: 600; white-space: normal; vertical-align: bottom;
  line-height: 1.25; }
tbody th { font-weight: 500; white-space: normal; overflow-wrap: anywhere; min-width: 84px; }
tfoot th, tfoot td { font-weight: 700; border-bottom: 0; }
.dense th, .dense td { padding: 3px 6px; }
.dense tbody th { min-width: 44px; }
details { margin-top: 12px; }
summary { cursor: pointer; color: var(--blue); font-size: 14px; font-weight: 600; width: fit-content; }
a { color: var(--blue); }
.definitions dl, .definitions ul { margin: 8px 0 0; }
.definitions ul { padding-left: 20px; font-size: 14px; }
.definitions li { margin: 0 0 6px; }
.note { border-left: 3px solid #f59e0b; padding-left: 10px; }
@media (max-width: 640px) {
  header { padding-top: 20px; }
  h1 { font-size: 24px; }
  main { padding: 0 10px 20px; }
  .cards { grid-template-columns: repeat(2, 1fr); gap: 8px; }
  .cards li { padding: 10px 12px; }
  .cards .big { font-size: 24px; }
  section { padding: 14px 12px 16px; border-radius: 10px; }
  .wide { display: none; }
  .narrow { display: block; }
  table { font-size: 13px; }
  th, td { padding: 6px 4px; }
  thead th { font-size: 12px; }
  tbody th { min-width: 60px; }
  .dense th, .dense td { padding: 3px 2px; font-size: 13px; }
}
@media print {
  @page { margin: 14mm; }
  body { background: #fff; font-size: 11pt; }
  header { background: none; color: var(--ink); padding: 0 0 12px; border-bottom: 2px solid var(--ink); }
  header p, header dt { color: var(--soft); }
  main { margin-top: 12px; padding: 0; max-width: none; }
  section, .cards li { box-shadow: none; }
  section { break-inside: auto; }
  figure, tr, .cards li { break-inside: avoid; }
  h2 { break-after: avoid; }
  .wide { display: block; }
  .narrow { display: none; }
  summary { display: none; }
  details::details-content { content-visibility: visible; block-size: auto; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
