/** `npm run verify`: everything that can be checked without running the system. */
import process from 'node:process';
import { bin, build, install, run } from './setup.mjs';
import { jestArguments, suites } from './suites.mjs';

const unit = suites[0];

install();
run('format and lint', bin('biome'), ['ci', '--error-on-warnings', '.']);
build();
run(
  'module boundaries and limits',
  process.execPath,
  jestArguments({ ...unit, only: 'tools/(module-boundaries|limits)\\.spec\\.ts$' }),
);
run(
  'what is deployed',
  process.execPath,
  jestArguments({ ...unit, only: 'tools/(compose|dockerfile|kubernetes|workflow)\\.spec\\.ts$' }),
);
run('generated files are fresh', process.execPath, ['tools/dist/generate.js', '--check']);
run('known vulnerabilities', process.execPath, ['tools/audit.mjs']);
console.log('\nverified');
