// The demo's page: two people side by side, and buttons for what happens to them.
import { useState } from "react";
import { createRoot } from "react-dom/client";
import { Inbox, KnockProvider, Preferences } from "knock/react";

/** Set by the server of the page. */
declare const KNOCK_URL: string;

type Theme = "light" | "dark" | "auto";

const tokenOf = async (user: string) => (await fetch(`/token?user=${user}`)).text();
const act = (deed: string, to: string) => fetch(`/act?deed=${deed}&to=${to}`, { method: "POST" });

function Person({ id, name, friend, theme }: { id: string; name: string; friend: string; theme: Theme }) {
  const [settings, show] = useState(false);
  return (
    <section className="person" data-person={id}>
      <KnockProvider url={KNOCK_URL} token={() => tokenOf(id)} theme={theme}>
        <header>
          <strong>{name}</strong>
          <Inbox />
        </header>
        <p className="deeds">
          <button onClick={() => act("comment", id)}>{friend} comments</button>
          <button onClick={() => act("like", id)}>Somebody likes</button>
          <button onClick={() => act("sign-in", id)}>New sign-in</button>
          <button onClick={() => act("many", id)}>30 comments</button>
          <button aria-expanded={settings} onClick={() => show(!settings)}>
            Preferences
          </button>
        </p>
        {settings && <Preferences />}
      </KnockProvider>
    </section>
  );
}

function Demo() {
  const [theme, setTheme] = useState<Theme>("auto");
  return (
    <main data-theme={theme}>
      <h1>
        Two inboxes, one server
        <select aria-label="Theme" value={theme} onChange={(event) => setTheme(event.target.value as Theme)}>
          <option value="auto">as the system</option>
          <option value="light">light</option>
          <option value="dark">dark</option>
        </select>
      </h1>
      <p>Each button notifies the person in whose card it stands; the bells follow at once.</p>
      <div className="people">
        <Person id="ada" name="Ada Lovelace" friend="Ben" theme={theme} />
        <Person id="ben" name="Ben Okafor" friend="Ada" theme={theme} />
      </div>
    </main>
  );
}

createRoot(document.querySelector("#root")!).render(<Demo />);
