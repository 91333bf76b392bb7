/// How the page looks. Every pair of text and ground has a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3) in both
/// colour schemes; colour never says anything that a word or a sign does not say too.
enum StatusStyle {
  static let icon =
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
    + "%3Crect width='32' height='32' rx='8' fill='%230b5f66'/%3E%3Cpath d='M8 16h16M16 8v16' stroke='white' "
    + "stroke-width='3' stroke-linecap='round'/%3E%3Ccircle cx='16' cy='16' r='4.5' fill='white'/%3E%3C/svg%3E"

  static let mark = HTML(
    literal: """
      <svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8"/>\
      <path d="M7 16h18M16 7v18M9.6 9.6l12.8 12.8M22.4 9.6L9.6 22.4"/><circle cx="16" cy="16" r="4.5"/></svg>
      """)

  static let source = HTML(
    literal: """

      :root {
        color-scheme: light dark;
        --ground: #f4f6f7; --card: #ffffff; --line: #dde3e6; --ink: #16232b; --soft: #55646d;
        --brand: #0b5f66; --bar: #2f8f97; --bar-none: #cdd6da;
        --good: #176b3a; --good-bg: #e3f3e9; --warn: #7a4f00; --warn-bg: #fdf0d5;
        --bad: #a3211d; --bad-bg: #fce8e6; --move: #1a4f9c; --move-bg: #e5eefb; --calm: #47545c; --calm-bg: #eaeef0;
      }
      @media (prefers-color-scheme: dark) {
        :root {
          --ground: #0f171b; --card: #172228; --line: #2a3941; --ink: #e6edf0; --soft: #9fb0b9;
          --brand: #4fb3bb; --bar: #46a5ad; --bar-none: #2f4049;
          --good: #7fd6a0; --good-bg: #15352a; --warn: #f0c069; --warn-bg: #3a2f14;
          --bad: #ff9d95; --bad-bg: #43211f; --move: #9dc3ff; --move-bg: #1c304d; --calm: #b7c4cb; --calm-bg: #26343b;
        }
      }
      * { box-sizing: border-box; margin: 0; }
      html { -webkit-text-size-adjust: 100%; }
      body {
        background: var(--ground); color: var(--ink); padding: 1.5rem 1.5rem 2.5rem; line-height: 1.45;
        font: 0.9375rem/1.45 Inter, "Segoe UI", Roboto, "Noto Sans", system-ui, sans-serif;
        font-variant-numeric: tabular-nums;
      }
      header, main, footer { max-width: 76rem; margin: 0 auto; }
      header { display: flex; justify-content: space-between; align-items: center; gap: 1rem; min-height: 3rem; }
      .brand { display: flex; align-items: center; gap: 0.875rem; }
      .mark { width: 2.75rem; height: 2.75rem; flex: none; }
      .mark rect { fill: var(--brand); }
      .mark path { stroke: var(--card); stroke-width: 1.6; stroke-linecap: round; opacity: 0.75; }
      .mark circle { fill: var(--card); }
      h1 { font-size: 1.375rem; font-weight: 650; letter-spacing: -0.01em; line-height: 1.2; }
      h2 { font-size: 1rem; font-weight: 650; }
      .en { color: var(--soft); font-weight: 400; font-size: 0.8125em; }
      header p .vi { color: var(--soft); }
      .lost { color: var(--bad); font-weight: 600; text-align: right; }
      .account { display: flex; align-items: center; gap: 0.75rem; margin-left: auto; }
      .person { font-weight: 600; }
      .button {
        font: inherit; color: var(--brand); background: var(--card); border: 1px solid var(--brand); cursor: pointer;
        border-radius: 0.5rem; padding: 0.25rem 0.75rem; text-decoration: none;
      }
      .button .vi, .button .en { color: inherit; }
      .notice p { margin-top: 0.625rem; overflow-wrap: anywhere; }
      .ways a { color: var(--brand); margin-right: 1rem; }
      main > section { margin-top: 1rem; }
      .card {
        background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem;
        padding: 1.125rem 1.25rem;
      }
      .card > h2 { margin-bottom: 0.625rem; }
      .sign {
        width: 1em; height: 1em; flex: none; fill: none; stroke: currentColor; stroke-width: 2.2;
        stroke-linecap: round; stroke-linejoin: round;
      }
      .health {
        display: flex; justify-content: space-between; align-items: start; gap: 0.5rem 1.5rem;
        border-radius: 0.75rem; padding: 0.875rem 1.25rem; min-height: 4.25rem;
      }
      .health.well { background: var(--good-bg); } .health.well .word { color: var(--good); }
      .health.attention { background: var(--warn-bg); } .health.attention .word { color: var(--warn); }
      .health.trouble { background: var(--bad-bg); } .health.trouble .word { color: var(--bad); }
      .word { display: grid; grid-template-columns: auto 1fr; gap: 0.125rem 0.625rem; align-items: center; }
      .word .sign { width: 1.25em; height: 1.25em; }
      .word strong { font-size: 1.0625rem; font-weight: 650; }
      .health .en, .badge .en { color: inherit; }
      .word ul { grid-column: 2; display: flex; flex-wrap: wrap; gap: 0 1.75rem; padding: 0; list-style: none; }
      .taken { font-size: 0.875rem; white-space: nowrap; line-height: 1.75; }
      .taken time { font-weight: 600; }
      .figures h2 { font-weight: 400; color: var(--soft); font-size: 0.875rem; margin: 0.25rem 0 0.5rem; }
      .figures dl { display: grid; grid-template-columns: repeat(6, 1fr); gap: 0.75rem; }
      .tile {
        background: var(--card); border: 1px solid var(--line); border-top: 3px solid var(--tone);
        border-radius: 0.75rem; padding: 0.75rem 1rem 0.8125rem; display: flex; flex-direction: column;
      }
      .tile dt { line-height: 1.3; } .tile dt span { display: block; }
      .tile dd {
        font-size: 2rem; font-weight: 600; letter-spacing: -0.02em; line-height: 1.15; color: var(--tone);
        order: -1;
      }
      .tile.zero dd { color: var(--soft); font-weight: 400; }
      .accepted { --tone: var(--brand); } .delivered { --tone: var(--good); } .underway { --tone: var(--move); }
      .partly { --tone: var(--warn); } .failed { --tone: var(--bad); } .refused { --tone: var(--calm); }
      .flow .columns {
        display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 2rem; align-items: end;
      }
      .chart { display: block; width: 100%; fill: var(--bar); overflow: visible; }
      .chart .none { fill: var(--bar-none); }
      figure .chart { height: 8rem; border-bottom: 1px solid var(--line); }
      figcaption {
        display: flex; justify-content: space-between; color: var(--soft); font-size: 0.8125rem;
        margin-top: 0.375rem;
      }
      .flows { list-style: none; padding: 0; display: grid; gap: 0.4375rem; }
      .flows li { display: grid; grid-template-columns: minmax(0, 1fr) 6rem 4rem; gap: 0.75rem; align-items: center; }
      .flows code { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      .flows .chart { height: 1.25rem; } .flows b { text-align: right; font-weight: 600; }
      code, tbody .code {
        font-family: "JetBrains Mono", "SFMono-Regular", "Cascadia Mono", "DejaVu Sans Mono", monospace;
        font-size: 0.8125rem;
      }
      table { width: 100%; border-collapse: collapse; table-layout: fixed; }
      th, td {
        text-align: left; vertical-align: top; padding: 0.5rem 0.75rem 0.5rem 0;
        border-top: 1px solid var(--line);
      }
      thead th {
        border-top: 0; color: var(--soft); font-weight: 500; font-size: 0.8125rem; padding-top: 0;
        vertical-align: bottom;
      }
      thead .vi { color: var(--ink); } thead span { display: block; }
      tbody th { font-weight: 400; }
      th:last-child, td:last-child { padding-right: 0; }
      .number { text-align: right; white-space: nowrap; }
      .t-documents .name { width: 18%; } .t-endpoints .name { width: 19%; } .t-endpoints .state { width: 27%; }
      .t-exchanges .id, .t-refusals .id { width: 20rem; } .t-exchanges .state { width: 13.5rem; }
      .t-exchanges .code { width: 19rem; } .t-refusals .code { width: 32.5rem; }
      .t-exchanges tbody tr, .t-refusals tbody tr { height: 3.625rem; }
      .clamp {
        display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; line-clamp: 2;
        overflow: hidden;
      }
      .code, .name, .wide { overflow-wrap: anywhere; }
      .name b { font-weight: 600; display: block; }
      .sub { display: block; color: var(--soft); font-size: 0.8125rem; margin-top: 0.125rem; }
      .reason { display: block; }
      .badge {
        display: inline-flex; align-items: center; gap: 0.375rem; border-radius: 1rem;
        padding: 0.0625rem 0.625rem 0.0625rem 0.5rem;
        white-space: nowrap; font-weight: 550; font-size: 0.875rem; color: var(--tone); background: var(--tone-bg);
      }
      .badge .en { font-weight: 400; }
      .good { --tone: var(--good); --tone-bg: var(--good-bg); }
      .warn { --tone: var(--warn); --tone-bg: var(--warn-bg); }
      .bad { --tone: var(--bad); --tone-bg: var(--bad-bg); } .move { --tone: var(--move); --tone-bg: var(--move-bg); }
      .calm { --tone: var(--calm); --tone-bg: var(--calm-bg); }
      .empty { color: var(--soft); }
      .flows li.empty { display: block; }
      .facts dl { display: grid; grid-template-columns: repeat(5, 1fr); gap: 0.875rem 1.25rem; }
      .facts dt span { display: block; }
      .facts dt { line-height: 1.3; }
      .facts dt .vi { color: var(--soft); font-size: 0.875rem; }
      .facts dd { font-weight: 600; font-size: 1.0625rem; } .facts dd code { font-size: 0.9375rem; }
      footer {
        display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0.5rem 2rem; margin-top: 1.25rem;
        color: var(--soft); font-size: 0.875rem;
      }
      nav a { color: var(--brand); margin-left: 0.875rem; } nav a:first-child { margin-left: 0; }
      a:focus-visible, button:focus-visible {
        outline: 2px solid var(--brand); outline-offset: 2px; border-radius: 2px;
      }
      @media (max-width: 60rem) {
        .figures dl, .facts dl { grid-template-columns: repeat(3, 1fr); }
        .flow .columns { grid-template-columns: minmax(0, 1fr); gap: 1.25rem; }
      }
      @media (max-width: 48rem) {
        body { padding: 1rem 0.875rem 2rem; }
        header { flex-wrap: wrap; } .lost { text-align: left; flex-basis: 100%; }
        .figures dl, .facts dl { grid-template-columns: repeat(2, 1fr); gap: 0.625rem; }
        .card { padding: 1rem; }
        .health { display: block; } .word ul { display: block; } .taken { margin-top: 0.25rem; }
        .flows li { grid-template-columns: minmax(0, 1fr) 4rem; gap: 0.125rem 0.75rem; }
        .flows code { grid-column: 1 / -1; }
        table, tbody { display: block; }
        thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
        tbody tr {
          display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 0.375rem 0.5rem;
          padding: 0.75rem 0; border-top: 1px solid var(--line); height: auto !important;
        }
        tbody tr:first-child { border-top: 0; padding-top: 0; } tbody tr:last-child { padding-bottom: 0; }
        th, td { border: 0; padding: 0; text-align: left; width: auto !important; grid-column: 1 / -1; }
        td.number { grid-column: auto; font-weight: 600; text-align: left; }
        td.number::before {
          content: attr(data-vi) "\\A" attr(data-en) / ""; white-space: pre; display: block; color: var(--soft);
          font-weight: 400; font-size: 0.75rem; line-height: 1.3;
        }
        td.number:nth-child(7) { grid-column: span 2; }
        .t-exchanges tbody tr:nth-child(n + 7) { display: none; }
        td.wide:empty { display: none; }
      }
      @media (prefers-reduced-motion: no-preference) {
        .chart rect { transition: y 0.4s, height 0.4s; }
      }
      @media print { body { background: none; } .card, .tile { break-inside: avoid; } }

      """)
}
