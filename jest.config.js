import preset from './jest.preset.js';

export default {
  projects: [
    'libs/*',
    'services/*',
    'sandboxes/*',
    'stack',
    'processes',
    'e2e',
    'bench',
    'tools',
  ].map((project) => `<rootDir>/${project}`),
  maxWorkers: 2,
  // Jest takes it from here when it runs all projects, and then from none of them.
  testTimeout: preset.testTimeout,
};
