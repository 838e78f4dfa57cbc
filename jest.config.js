import preset from './jest.preset.js';

export default {
  projects: [
    'libs/*',
    'libs/brokers/*',
    'services/*',
    'sandboxes/*',
    'web',
    'tools',
    'tools/*',
    'e2e',
    'bench',
  ].map((project) => `<rootDir>/${project}/jest.config.js`),
  maxWorkers: 2,
  // When it runs all projects, jest takes this setting from here only and ignores theirs.
  testTimeout: preset.testTimeout,
};
