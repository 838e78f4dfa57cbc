/** Programs that a server needs and this machine lacks. */
export interface Missing {
  /** For people: `redis-server`, `Java 17 or newer`. */
  readonly what: string;
  /** Packages that bring them. */
  readonly apt: readonly string[];
  readonly brew: readonly string[];
}

/** How packages get onto this machine; `none` where we do not know. */
export type Installer = 'apt' | 'brew' | 'none';

/** One line for people: what is missing and the command that brings it. */
export function sayMissing(missing: Missing, installer: Installer): string {
  const command = {
    apt: `apt-get install ${missing.apt.join(' ')}`,
    brew: `brew install ${missing.brew.join(' ')}`,
    none: '',
  }[installer];
  return command === ''
    ? `${missing.what} is not installed`
    : `${missing.what} is not installed: ${command}`;
}
