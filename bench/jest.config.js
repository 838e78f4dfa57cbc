import preset from '../jest.preset.js';

export default { ...preset, displayName: 'bench', testMatch: ['<rootDir>/**/*.spec.ts'] };
