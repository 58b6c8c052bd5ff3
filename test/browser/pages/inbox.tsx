// The components in a page of their own; what the test wants is in the address, tokens come from the test.
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Inbox, KnockProvider, Preferences } from "knock/react";

declare global {
  interface Window {
    tokenOf(user: string): Promise<string>;
  }
}

const asked = new URLSearchParams(location.search);
const user = asked.get("user") ?? "";
document.documentElement.dir = asked.get("dir") ?? "ltr";

createRoot(document.querySelector("#root")!).render(
  <StrictMode>
    <KnockProvider
      url={asked.get("url") ?? ""}
      apiKey={asked.get("key") ?? undefined}
      token={() => window.tokenOf(user)}
      theme="light"
      nonce="n0nce"
    >
      <div style={{ display: "flex", justifyContent: "flex-end" }}>
        <button type="button">before</button>
        <Inbox pageSize={10} onItemClick={(_item, event) => event.preventDefault()} />
      </div>
      {asked.has("preferences") && <Preferences />}
    </KnockProvider>
  </StrictMode>,
);
