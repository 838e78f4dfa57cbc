import process from 'node:process';

/** The addresses of the servers, which the suite's runner sets. */
export const serversOfTests = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) =>
    /^(KAFKA|RABBITMQ|AWS|REDIS)_/.test(name) && value ? [[name, value]] : [],
  ),
);
