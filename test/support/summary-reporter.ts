import type { Reporter, TestModule } from "vitest/node";

/** Ends the output with one line of the form "12 passed, 0 failed", counted over all projects. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    let passed = 0;
    // An error outside any test, or a file that could not be loaded, is a failure too.
    let failed = unhandled.length;
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      if (module.state() === "failed" && !tests.some((test) => test.result().state === "failed")) failed++;
      passed += tests.filter((test) => test.result().state === "passed").length;
      failed += tests.filter((test) => test.result().state === "failed").length;
    }
    // After everything that other reporters still have to say.
    process.once("exit", (code) => {
      // A run that fails for any other reason (no server to be had, nothing to run) has not failed nothing.
      if (code !== 0) failed = Math.max(failed, 1);
      process.stdout.write(`${passed} passed, ${failed} failed\n`);
    });
  }
}
