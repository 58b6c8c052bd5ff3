import { simpleParser } from "mailparser";
import type { ParsedMail } from "mailparser";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";

/** A mail as the server received it. */
export interface ReceivedMail {
  raw: string;
  parsed: ParsedMail;
  envelope: { from: string; to: string[] };
}

/** Who may send, and what goes wrong. */
export interface MailServerSettings {
  user: string;
  password: string;
  /** What to answer after a mail was taken in: an error, or nothing at all with `"hang"`. */
  data?: () => Error | "hang" | null;
  /** What to answer to each recipient. */
  recipient?: (address: string) => Error | null;
}

/** An SMTP reply with a code. */
export const smtpReply = (responseCode: number, text: string) => Object.assign(new Error(text), { responseCode });

/** A real SMTP server on 127.0.0.1 that wants the user and the password, and repeats both when they are wrong. */
export async function startMailServer({
  user,
  password,
  data = () => null,
  recipient = () => null,
}: MailServerSettings) {
  const mails: ReceivedMail[] = [];
  const holding = Promise.withResolvers<void>();
  const leaving = Promise.withResolvers<void>();
  const server = new SMTPServer({
    hideSTARTTLS: true,
    allowInsecureAuth: true,
    closeTimeout: 1,
    onAuth(given, _session, callback) {
      const known = given.username === user && given.password === password;
      const refusal = smtpReply(535, `no entry for ${given.username} with ${given.password}`);
      callback(known ? null : refusal, { user: given.username });
    },
    onClose: () => leaving.resolve(),
    onRcptTo: ({ address }, _session, callback) => callback(recipient(address)),
    async onData(stream, { envelope }, callback) {
      const raw = Buffer.concat(await Array.fromAsync(stream)).toString();
      const from = envelope.mailFrom ? envelope.mailFrom.address : "";
      const to = envelope.rcptTo.map(({ address }) => address);
      mails.push({ raw, parsed: await simpleParser(raw), envelope: { from, to } });
      const verdict = data();
      if (verdict === "hang") return holding.resolve();
      callback(verdict);
    },
  });
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${port}`,
    port,
    /** What arrived, oldest first; refused mails too. */
    mails,
    /** Resolves once a mail hangs. */
    held: () => holding.promise,
    /** Resolves once a connection was closed. */
    left: () => leaving.promise,
    close: () => void server.close(),
  };
}
