export { virtualClock as manualClock, type VirtualClock as ManualClock } from "../../src/testing/virtual-clock.ts";
