// The style of the pages. A switch that others overrule is dimmed while it is: the browser works that out itself.
import { channelTypeNames } from "../../definition/preference-set.ts";
import type { Branding } from "./branding.ts";

const dimmed = (selector: string) => `${selector} { opacity: .35; }`;

/** Everything off by e-mail dims e-mail everywhere; a category that is off dims its workflows. */
const overruled = channelTypeNames.flatMap((type) => [
  dimmed(`form:has(.all .${type} input:not(:checked)) section:not(.everything) .${type} input`),
  dimmed(`section:has(.whole .${type} input:not(:checked)) tr:not(.whole) .${type} input`),
]);

const rules = `
*, ::before, ::after { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: anywhere; }
main { max-width: 48rem; margin: 0 auto; padding: 2.5rem 1.25rem 1.5rem; }
.card { max-width: 30rem; margin: 8vh auto 0; padding: 2rem; background: var(--paper); border: 1px solid var(--line); border-radius: 1rem; }
.brand { margin: 0 0 1.5rem; font-weight: 600; color: var(--faint); }
.brand img { display: block; height: 2.5rem; width: auto; max-width: 14rem; object-fit: contain; object-position: left; }
h1 { margin: 0 0 .35rem; font-size: 1.7rem; line-height: 1.2; letter-spacing: -.015em; text-wrap: balance; }
h2 { margin: 0; padding: 1rem 1.25rem .75rem; font-size: 1rem; line-height: 1.3; }
.lead { margin: 0 0 1.75rem; color: var(--faint); }
section { margin: 0 0 1.25rem; background: var(--paper); border: 1px solid var(--line); border-radius: .9rem; overflow: hidden; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; }
col.type { width: 4.7rem; }
th, td { padding: .8rem .4rem; text-align: center; vertical-align: middle; border-top: 1px solid var(--line); font-weight: 400; }
thead td, thead th { padding: .2rem .15rem .5rem; border: 0; color: var(--faint); font-size: .8rem; overflow-wrap: normal; }
tbody th { text-align: left; padding-left: 1.25rem; font-weight: 500; }
tr > :last-child { padding-right: .9rem; }
.whole th { color: var(--faint); }
small { display: block; color: var(--faint); font-size: .85rem; font-weight: 400; line-height: 1.4; }
.tag { display: inline-block; margin-left: .4rem; padding: .05rem .5rem; border: 1px solid var(--line); border-radius: 1rem; color: var(--faint); font-size: .75rem; font-weight: 500; white-space: nowrap; }
.none { color: var(--faint); opacity: .6; }
.option { display: flex; gap: 1rem; align-items: center; justify-content: space-between; padding: 1rem 1.25rem; }
.option span { font-weight: 500; }
input[type=checkbox] { appearance: none; display: inline-grid; align-items: center; flex: none; width: 2.6rem; height: 1.5rem; margin: 0; padding: 2px; border: 1px solid var(--edge); border-radius: 1rem; background: var(--off); cursor: pointer; vertical-align: middle; transition: background .12s; }
input[type=checkbox]::before { content: ""; width: 1.1rem; height: 1.1rem; border-radius: 50%; background: var(--knob); box-shadow: 0 1px 2px #0004; transition: translate .12s; }
input[type=checkbox]:checked { background: var(--accent); border-color: var(--accent); }
input[type=checkbox]:checked::before { translate: 1.1rem; background: var(--on-accent); }
input[type=checkbox]:disabled { cursor: not-allowed; filter: grayscale(1); opacity: .45; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.bar { position: sticky; bottom: 0; display: flex; justify-content: flex-end; margin: 0 -1.25rem; padding: .9rem 1.25rem; background: color-mix(in srgb, var(--ground) 88%, transparent); backdrop-filter: blur(8px); }
button { font: inherit; font-weight: 600; padding: .65rem 1.4rem; border: 1px solid var(--accent); border-radius: .6rem; background: var(--accent); color: var(--on-accent); cursor: pointer; }
button.quiet { background: transparent; color: var(--ink); border-color: var(--edge); }
.actions { display: flex; flex-wrap: wrap; gap: .75rem 1.25rem; align-items: center; margin-top: 1.5rem; }
a { color: var(--link); }
.notice { margin: 0 0 1.25rem; padding: .75rem 1.1rem; border-radius: .7rem; background: var(--good); color: var(--on-good); font-weight: 500; }
.notice.bad { background: var(--bad); color: var(--on-bad); }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
${overruled.join("\n")}
form:has(#commercial:not(:checked)) .commercial input { opacity: .35; }
@media (max-width: 40rem) {
  main { padding-top: 1.5rem; }
  .card { margin-top: 0; padding: 1.5rem; }
  table, tbody, tr { display: block; }
  colgroup, thead, td.none { display: none; }
  tr { border-top: 1px solid var(--line); padding: .9rem 1.25rem; }
  th, td { display: flex; border: 0; padding: 0; text-align: left; }
  tbody th { display: block; padding: 0 0 .35rem; }
  td { align-items: center; justify-content: space-between; padding: .35rem 0; color: var(--faint); }
  tr > :last-child { padding-right: 0; }
  td::before { content: attr(data-type); }
  .bar button { width: 100%; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
@media (forced-colors: active) { input[type=checkbox] { appearance: auto; } input[type=checkbox]::before { content: none; } }
@media print { .bar { display: none; } }
`;

const LIGHT =
  "--ground: #f6f6f8; --paper: #fff; --ink: #1b1c20; --faint: #5d606b; --line: #e3e4ea; --edge: #b9bcc6; --off: #d9dbe2; --knob: #fff; --link: #1c4fbf; --good: #dcf5e3; --on-good: #10532a; --bad: #fde3e1; --on-bad: #86190f;";
const DARK =
  "--ground: #121317; --paper: #1b1d22; --ink: #eceef3; --faint: #a0a5b3; --line: #2d3038; --edge: #565b68; --off: #3a3e48; --knob: #e4e6ec; --link: #9db8ff; --good: #123d24; --on-good: #b6f0c9; --bad: #4b1a16; --on-bad: #ffc9c3;";

/** The style of a page in the colours of a tenant. */
export const styleOf = ({ light, dark }: Branding): string => `
:root { color-scheme: light dark; ${LIGHT} --accent: ${light.color}; --on-accent: ${light.text}; }
@media (prefers-color-scheme: dark) { :root { ${DARK} --accent: ${dark.color}; --on-accent: ${dark.text}; } }
${rules}`;
