/** Programs that a server needs and this machine does not have. */
export interface Missing {
  /** For display: `redis-server`, `Java 17 or newer`. */
  readonly what: string;
  /** The packages that provide them. */
  readonly apt: readonly string[];
  readonly brew: readonly string[];
}

/** The package manager of this machine; `none` when it is unknown. */
export type Installer = 'apt' | 'brew' | 'none';

/** One line for display: what is missing, and the command that installs it. */
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
