import process from 'node:process';

const needed = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is missing: these specs are run by npm run e2e:compose`);
  return value;
};

/** The project of docker-compose.yml that is up, and where its gateway is. */
export const composeProject = () => ({
  name: needed('E2E_COMPOSE_PROJECT'),
  url: needed('E2E_AGAINST'),
});

/** The image of another release. */
export const otherImage = (): string => needed('E2E_OTHER_IMAGE');
