import swc from './swc.config.js';

/** The base of every project's jest.config.js: TypeScript through SWC, ES modules, sources instead of builds. */
export default {
  testEnvironment: 'node',
  // Generous, because other work may use the same machine; a test should take much less.
  testTimeout: 30_000,
  testMatch: ['<rootDir>/src/**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  // Never add 'import' here: jest's own CommonJS dependencies would then resolve to ES modules.
  testEnvironmentOptions: { customExportConditions: ['@waybill/source', 'node', 'node-addons'] },
  transform: {
    '\\.ts$': ['@swc/jest', { ...swc, sourceMaps: 'inline' }],
  },
};
