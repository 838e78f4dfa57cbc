import { fileURLToPath } from 'node:url';

const ours = (file) => fileURLToPath(new URL(`./tools/jest-native/${file}`, import.meta.url));

/** The base of every project's jest.config.js: Node loads the modules, from TypeScript instead of builds. */
export default {
  runtime: ours('runtime.mjs'),
  testEnvironment: ours('environment.mjs'),
  // Generous, because other work may use the same machine; a test should take much less.
  testTimeout: 30_000,
  testMatch: ['<rootDir>/src/**/*.spec.ts'],
  transform: {},
};
