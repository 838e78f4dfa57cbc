import preset from './jest.preset.js';

export default {
  projects: [
    'libs/*',
    'libs/brokers/*',
    'services/*',
    'sandboxes/*',
    'tools',
    'tools/*',
    'e2e',
    'bench',
  ].map((project) => `<rootDir>/${project}/jest.config.js`),
  maxWorkers: 2,
  // Jest takes it from here when it runs all projects, and then from none of them.
  testTimeout: preset.testTimeout,
};
