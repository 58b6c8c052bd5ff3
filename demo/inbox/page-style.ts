/** What surrounds the components on the demo's page. */
export const pageStyle = `
:root { color-scheme: light dark; --page: #f3f4f7; --card: #fff; --line: #e0e3e9; --ink: #14161a; }
@media (prefers-color-scheme: dark) { :root { --page: #0e1013; --card: #17191e; --line: #2c3038; --ink: #eef0f4; } }
:root:has([data-theme="light"]) { color-scheme: light; --page: #f3f4f7; --card: #fff; --line: #e0e3e9; --ink: #14161a; }
:root:has([data-theme="dark"]) { color-scheme: dark; --page: #0e1013; --card: #17191e; --line: #2c3038; --ink: #eef0f4; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 24px 20px 700px; }
h1 { display: flex; justify-content: space-between; font-size: 20px; }
.people { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 20px; align-items: start; }
.person { padding: 14px 20px; border: 1px solid var(--line); border-radius: 16px; background: var(--card); }
.person header { display: flex; align-items: center; justify-content: space-between; }
.deeds { display: flex; flex-wrap: wrap; gap: 8px; }
.deeds button { padding: 6px 12px; border: 1px solid var(--line); border-radius: 9px; background: none; color: inherit; font: inherit; font-size: 13.5px; cursor: pointer; }
.deeds button:hover { background: var(--page); }
`;
