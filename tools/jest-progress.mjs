/** A jest reporter that sends the parent process the start and the result of each file, and the end of the run. */
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
