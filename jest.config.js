export default {
  projects: ['libs/*', 'services/*', 'sandboxes/*', 'stack', 'e2e', 'bench', 'tools'].map(
    (project) => `<rootDir>/${project}`,
  ),
  maxWorkers: 2,
};
