import preset from '../jest.preset.js';

export default {
  ...preset,
  displayName: 'web',
  testMatch: ['<rootDir>/{console,lib}/**/*.spec.ts'],
};
