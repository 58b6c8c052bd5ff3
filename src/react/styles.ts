/** What the components look like. Everything that apps may change is a variable that begins with `--knock-`. */
const light = `
  --k-accent: var(--knock-accent, #4f46e5);
  --k-on-accent: var(--knock-on-accent, #ffffff);
  --k-background: var(--knock-background, #ffffff);
  --k-hover: var(--knock-hover, #f5f6f8);
  --k-unread: var(--knock-unread, #f5f5ff);
  --k-text: var(--knock-text, #14161a);
  --k-muted: var(--knock-muted, #5f6673);
  --k-border: var(--knock-border, #e4e6eb);
  --k-badge: var(--knock-badge, #e0283c);
  --k-on-badge: var(--knock-on-badge, #ffffff);
  --k-off: #868d99;
  --k-shadow: var(--knock-shadow, 0 0 0 1px rgb(15 18 25 / 6%), 0 4px 10px -2px rgb(15 18 25 / 8%), 0 20px 44px -8px rgb(15 18 25 / 20%));
  color-scheme: light;`;

const dark = `
  --k-accent: var(--knock-accent, #9a97ff);
  --k-on-accent: var(--knock-on-accent, #14152b);
  --k-background: var(--knock-background, #17191e);
  --k-hover: var(--knock-hover, #21242b);
  --k-unread: var(--knock-unread, #1e1f30);
  --k-text: var(--knock-text, #eef0f4);
  --k-muted: var(--knock-muted, #a0a7b4);
  --k-border: var(--knock-border, #2c3038);
  --k-badge: var(--knock-badge, #f0475a);
  --k-on-badge: var(--knock-on-badge, #ffffff);
  --k-off: #747b88;
  --k-shadow: var(--knock-shadow, 0 0 0 1px rgb(255 255 255 / 8%), 0 20px 48px -8px rgb(0 0 0 / 70%));
  color-scheme: dark;`;

const base = `
.knock-root { ${light}
  --k-radius: var(--knock-radius, 14px);
  --k-font: var(--knock-font, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif);
  font: 400 14px/1.45 var(--k-font); color: var(--k-text); text-align: start; -webkit-font-smoothing: antialiased;
}
.knock-root[data-knock-theme="dark"] { ${dark} }
@media (prefers-color-scheme: dark) { .knock-root[data-knock-theme="auto"] { ${dark} } }
.knock-root *, .knock-root *::before, .knock-root *::after { box-sizing: border-box; }
.knock-root button, .knock-root a {
  font: inherit; color: inherit; text-align: inherit; text-decoration: none; letter-spacing: inherit; margin: 0; padding: 0;
  border: 0; background: none; cursor: pointer; -webkit-tap-highlight-color: transparent;
}
.knock-root h2, .knock-root p { margin: 0; }
.knock-root :focus { outline: none; }
.knock-root :focus-visible { outline: 2px solid var(--k-accent); outline-offset: 2px; }
.knock-root [aria-disabled="true"] { cursor: default; }
.knock-hidden {
  position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}`;

const bell = `
.knock-inbox { position: relative; display: inline-block; }
.knock-root .knock-bell {
  position: relative; display: inline-flex; align-items: center; justify-content: center; width: 40px; height: 40px;
  border-radius: 50%; transition: background-color .15s;
}
.knock-root .knock-bell:hover, .knock-root .knock-bell[aria-expanded="true"] { background: var(--k-hover); }
.knock-count {
  position: absolute; inset-block-start: 2px; inset-inline-start: 21px; min-width: 18px; height: 18px; padding: 0 5px;
  border-radius: 9px; background: var(--k-badge); color: var(--k-on-badge); box-shadow: 0 0 0 2px var(--k-background);
  font-size: 11px; font-weight: 650; line-height: 18px; text-align: center; font-variant-numeric: tabular-nums;
  animation: knock-pop .25s cubic-bezier(.3, 1.6, .5, 1);
}
@keyframes knock-pop { from { transform: scale(.4); } }`;

const panel = `
.knock-panel {
  position: absolute; z-index: var(--knock-z-index, 1000); inset-block-start: calc(100% + 8px); inset-inline-end: 0;
  display: flex; flex-direction: column; width: var(--knock-width, 420px); height: min(var(--knock-height, 600px), calc(100dvh - 80px));
  overflow: hidden; border-radius: var(--k-radius); background: var(--k-background); box-shadow: var(--k-shadow);
  animation: knock-open .16s cubic-bezier(.2, .8, .3, 1);
}
.knock-panel[data-align="start"] { inset-inline: 0 auto; }
.knock-root .knock-panel:focus-visible { outline: none; }
@keyframes knock-open { from { opacity: 0; transform: translateY(-6px) scale(.985); } }
.knock-head { display: flex; align-items: center; gap: 4px; padding: 14px 12px 6px; padding-inline-start: 18px; }
.knock-root .knock-title { flex: 1; min-width: 0; font-size: 17px; font-weight: 650; letter-spacing: -.01em; line-height: 1.3; }
.knock-root .knock-head-action {
  display: inline-flex; align-items: center; gap: 6px; padding: 6px 10px; border-radius: 8px;
  color: var(--k-accent); font-size: 13px; font-weight: 550; white-space: nowrap;
}
.knock-root .knock-head-action[aria-disabled="true"] { color: var(--k-muted); opacity: .65; }
.knock-root .knock-head-action:not([aria-disabled="true"]):hover, .knock-root .knock-icon-button:hover { background: var(--k-hover); }
.knock-root .knock-icon-button {
  display: inline-flex; align-items: center; justify-content: center; width: 32px; height: 32px; border-radius: 8px; color: var(--k-muted);
}
.knock-tabs { display: flex; gap: 4px; padding: 0 14px; border-block-end: 1px solid var(--k-border); }
.knock-root .knock-tab {
  position: relative; display: inline-flex; align-items: center; gap: 6px; padding: 9px 8px 10px; border-radius: 8px 8px 0 0;
  color: var(--k-muted); font-size: 13.5px; font-weight: 550; transition: color .15s;
}
.knock-root .knock-tab:hover { color: var(--k-text); }
.knock-root .knock-tab[aria-selected="true"] { color: var(--k-text); }
.knock-tab[aria-selected="true"]::after {
  content: ""; position: absolute; inset-inline: 8px; inset-block-end: -1px; height: 2px; border-radius: 2px; background: var(--k-accent);
}
.knock-root .knock-tab:focus-visible { outline-offset: -2px; }
.knock-pill {
  min-width: 19px; padding: 0 6px; border-radius: 10px; background: var(--k-accent); color: var(--k-on-accent);
  font-size: 11px; font-weight: 650; line-height: 18px; text-align: center; font-variant-numeric: tabular-nums;
}
.knock-scroll { flex: 1; min-height: 0; overflow-y: auto; overscroll-behavior: contain; scrollbar-width: thin; scrollbar-color: var(--k-border) transparent; }
.knock-foot { padding: 10px 18px; border-block-start: 1px solid var(--k-border); font-size: 13px; color: var(--k-muted); }
@media (max-width: 480px) {
  .knock-panel, .knock-panel[data-align="start"] {
    position: fixed; inset: 0; width: auto; height: auto; border-radius: 0; padding-block-end: env(safe-area-inset-bottom);
  }
}`;

const items = `
.knock-root .knock-list { list-style: none; margin: 0; padding: 0; }
.knock-item {
  position: relative; display: flex; align-items: flex-start; gap: 12px; padding: 13px 18px;
  border-block-end: 1px solid var(--k-border); transition: background-color .12s;
}
.knock-item[data-unread="true"] { background: var(--k-unread); }
.knock-item[data-unread="true"]::before {
  content: ""; position: absolute; inset-block-start: 29px; inset-inline-start: 6px; width: 7px; height: 7px; border-radius: 50%; background: var(--k-accent);
}
.knock-item:hover { background: var(--k-hover); }
.knock-root .knock-main { flex: 1; min-width: 0; display: flex; flex-direction: column; gap: 1px; }
.knock-root .knock-main::after { content: ""; position: absolute; inset: 0; }
.knock-root .knock-main:focus-visible { outline: none; }
.knock-root .knock-main:focus-visible::after { outline: 2px solid var(--k-accent); outline-offset: -2px; border-radius: 4px; }
.knock-item-title { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; font-weight: 600; overflow-wrap: anywhere; }
.knock-item-body {
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; overflow-wrap: anywhere; white-space: pre-line;
}
.knock-item[data-unread="false"] .knock-item-body { color: var(--k-muted); }
.knock-item[data-unread="true"] .knock-item-title + .knock-item-body { color: var(--k-text); }
.knock-time { margin-block-start: 3px; color: var(--k-muted); font-size: 12.5px; font-variant-numeric: tabular-nums; }
.knock-actions {
  position: absolute; inset-block-start: 8px; inset-inline-end: 10px; z-index: 1; display: flex; gap: 2px; padding: 2px;
  border-radius: 9px; background: var(--k-background); box-shadow: 0 0 0 1px var(--k-border), 0 2px 6px rgb(15 18 25 / 8%); opacity: 0; transition: opacity .12s;
}
.knock-item:hover .knock-actions, .knock-item:focus-within .knock-actions { opacity: 1; }
@media (hover: none) {
  .knock-actions { position: static; opacity: 1; background: none; box-shadow: none; }
}
.knock-root .knock-action {
  display: inline-flex; align-items: center; justify-content: center; width: 28px; height: 28px; border-radius: 7px; color: var(--k-muted);
}
.knock-root .knock-action:hover { background: var(--k-hover); color: var(--k-text); }
@media (pointer: coarse) { .knock-root .knock-action { width: 36px; height: 36px; } }
.knock-root .knock-more {
  display: block; width: calc(100% - 36px); margin: 12px 18px; padding: 9px; border-radius: 9px; border: 1px solid var(--k-border);
  color: var(--k-muted); font-size: 13px; font-weight: 550; text-align: center;
}
.knock-root .knock-more:hover { background: var(--k-hover); }
.knock-root .knock-end { padding: 18px; color: var(--k-muted); font-size: 12.5px; text-align: center; }
.knock-root .knock-banner { padding: 8px 18px; background: var(--k-hover); color: var(--k-muted); font-size: 13px; border-block-end: 1px solid var(--k-border); }`;

const faces = `
.knock-avatar { position: relative; flex: none; display: block; width: 38px; height: 38px; }
.knock-face {
  display: flex; align-items: center; justify-content: center; width: 100%; height: 100%; border-radius: 50%; overflow: hidden;
  font-size: 13.5px; font-weight: 600; letter-spacing: .01em;
}
.knock-face img { width: 100%; height: 100%; object-fit: cover; }
.knock-avatar-pair .knock-face { position: absolute; width: 27px; height: 27px; font-size: 10.5px; }
.knock-avatar-pair .knock-face:first-child { inset-block-start: 0; inset-inline-start: 0; }
.knock-avatar-pair .knock-face:last-child { inset-block-end: 0; inset-inline-end: 0; box-shadow: 0 0 0 2px var(--k-background); }
.knock-face-more { background: var(--k-border); color: var(--k-text); }
.knock-face-none { background: var(--k-hover); color: var(--k-muted); }
${[255, 200, 160, 85, 40, 15, 340, 295]
  .map((hue, index) => `.knock-hue-${index} { background: hsl(${hue} 62% 90%); color: hsl(${hue} 60% 27%); }`)
  .join("\n")}`;

const notices = `
.knock-notice { display: flex; flex-direction: column; align-items: center; justify-content: center; min-height: 320px; padding: 32px; text-align: center; }
.knock-notice-icon {
  display: flex; align-items: center; justify-content: center; width: 60px; height: 60px; margin-block-end: 14px; border-radius: 50%;
  background: var(--k-hover); color: var(--k-muted);
}
.knock-notice-title { font-size: 15px; font-weight: 600; }
.knock-root .knock-notice-hint { margin-block-start: 4px; color: var(--k-muted); }
.knock-root .knock-button {
  margin-block-start: 16px; padding: 8px 16px; border-radius: 9px; background: var(--k-accent); color: var(--k-on-accent); font-weight: 600;
}
.knock-skeleton { display: grid; grid-template-columns: 38px 1fr; gap: 8px 12px; padding: 15px 18px; border-block-end: 1px solid var(--k-border); }
.knock-bone { height: 12px; border-radius: 6px; background: var(--k-border); animation: knock-breathe 1.4s ease-in-out infinite alternate; }
.knock-bone-face { grid-row: span 2; width: 38px; height: 38px; border-radius: 50%; }
.knock-bone-text { width: 92%; grid-column: 2; }
.knock-bone-short { width: 45%; grid-column: 2; }
@keyframes knock-breathe { from { opacity: .45; } }`;

const preferences = `
.knock-preferences { max-width: 720px; background: var(--k-background); }
.knock-root .knock-grid { width: 100%; margin-block-start: 10px; border-collapse: collapse; border-spacing: 0; }
.knock-grid th, .knock-grid td { padding: 12px 8px; border-block-end: 1px solid var(--k-border); text-align: center; vertical-align: middle; }
.knock-grid thead th { padding-block: 6px; white-space: nowrap; color: var(--k-muted); font-size: 12.5px; font-weight: 550; width: 84px; }
.knock-root .knock-row-name { min-width: 92px; padding-inline-start: 0; text-align: start; font-weight: 400; }
.knock-row-title:has(+ .knock-tag) { margin-inline-end: 8px; }
.knock-row-title { font-weight: 600; overflow-wrap: anywhere; }
.knock-row-hint { display: block; color: var(--k-muted); font-size: 13px; overflow-wrap: anywhere; }
.knock-tag {
  display: inline-block; padding: 1px 8px; border-radius: 10px; background: var(--k-hover); color: var(--k-muted);
  font-size: 11.5px; font-weight: 550; white-space: nowrap;
}
.knock-root .knock-switch {
  position: relative; display: inline-block; width: 38px; height: 22px; border-radius: 11px; background: var(--k-off); vertical-align: middle; transition: background-color .15s;
}
.knock-root .knock-switch::before { content: ""; position: absolute; inset: -8px; }
.knock-root .knock-switch[aria-checked="true"] { background: var(--k-accent); }
.knock-root .knock-switch[aria-disabled="true"] { opacity: .5; }
.knock-knob {
  position: absolute; inset-block-start: 2px; inset-inline-start: 2px; display: flex; align-items: center; justify-content: center;
  width: 18px; height: 18px; border-radius: 50%; background: #fff; color: #333; box-shadow: 0 1px 2px rgb(0 0 0 / 25%); transition: inset-inline-start .15s;
}
.knock-switch[aria-checked="true"] .knock-knob { inset-inline-start: 18px; }
.knock-root .knock-problem { min-height: 1.5em; margin-block-start: 8px; color: var(--k-badge); font-size: 13px; }
@media (max-width: 480px) {
  .knock-grid th, .knock-grid td { padding-inline: 3px; }
  .knock-grid thead th { width: 50px; }
}`;

const calm = `
@media (prefers-reduced-motion: reduce) {
  .knock-root *, .knock-root *::before, .knock-root *::after { animation: none !important; transition: none !important; }
}
@media (forced-colors: active) {
  .knock-item[data-unread="true"]::before, .knock-switch[aria-checked="true"] { forced-color-adjust: none; background: Highlight; }
  .knock-count, .knock-pill, .knock-panel { border: 1px solid CanvasText; }
}`;

/** The style sheet of the components, for pages that bring it themselves: see `injectStyles`. */
export const styles: string = [base, bell, panel, items, faces, notices, preferences, calm].join("\n").trim();
