export default {
  projects: ['libs/*', 'services/*', 'sandboxes/*', 'e2e', 'bench', 'tools'].map(
    (project) => `<rootDir>/${project}`,
  ),
  maxWorkers: 2,
};
