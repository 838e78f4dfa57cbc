import process from 'node:process';

const needed = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is missing: these specs are run by npm run e2e:compose`);
  return value;
};

/** The running project of docker-compose.yml, and the URL of its gateway. */
export const composeProject = () => ({
  name: needed('E2E_COMPOSE_PROJECT'),
  url: needed('E2E_AGAINST'),
});

/** The image of another release. */
export const otherImage = (): string => needed('E2E_OTHER_IMAGE');
