import swc from './swc.config.js';

/** What every project's jest.config.js starts from: TypeScript through SWC, ES modules, sources instead of builds. */
export default {
  testEnvironment: 'node',
  // Not what a test should take, but what it may take where other work has the machine.
  testTimeout: 30_000,
  testMatch: ['<rootDir>/src/**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  // Never add 'import' here: jest's own CommonJS dependencies would then resolve to ES modules.
  testEnvironmentOptions: { customExportConditions: ['@waybill/source', 'node', 'node-addons'] },
  transform: {
    '\\.ts$': ['@swc/jest', { ...swc, sourceMaps: 'inline' }],
  },
};
