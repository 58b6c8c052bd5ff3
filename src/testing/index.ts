// For a project's own tests: `import { createTestKnock } from "knock/testing"`.
export { createTestKnock, type SentMessage, type TestKnock, type TestKnockOptions } from "./create-test-knock.ts";
export type { FetchHandler } from "./stub-fetch.ts";
export { capture, type Capture, type CapturedMessage } from "../channels/providers/capture.ts";
export { providerContract, type Behaviour, type ContractSubject, type TestFramework } from "./provider-contract.ts";
export { virtualClock, type VirtualClock } from "./virtual-clock.ts";
