/** A reporter of jest that tells the process which has started it what runs, what became of it, and that all has run. */
import process from 'node:process';

export default class JestProgress {
  onTestFileStart({ path }) {
    process.send?.({ began: path });
  }

  onTestFileResult(
    { path },
    { numPassingTests, numFailingTests, numPendingTests, numTodoTests, testExecError },
  ) {
    process.send?.({
      ended: path,
      passed: numPassingTests,
      failed: numFailingTests + (testExecError ? 1 : 0),
      skipped: numPendingTests + numTodoTests,
    });
  }

  onRunComplete() {
    process.send?.({ complete: true });
  }
}
