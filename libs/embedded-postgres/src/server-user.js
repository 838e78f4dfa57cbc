/**
 * The user for a server that refuses to run as root, in folders that only root may enter. Plain JavaScript, because
 * `npm start` uses it before anything is installed or built.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';

/**
 * @typedef {object} Ids
 * @property {number} uid
 * @property {number} gid
 */

/**
 * The identity that a server runs as.
 * @typedef {object} ServerUser
 * @property {Readonly<Ids>} [as] The ids of the spawned process; undefined: those of this process.
 * @property {readonly string[]} front Command words before the server's own command that change its identity.
 * @property {Readonly<Ids>} [owner] The required owner of its files; undefined: the current user.
 */

/**
 * @typedef {object} Wanted
 * @property {string} server Its name, for messages.
 * @property {readonly string[]} names Users who may run it, in order of preference.
 * @property {readonly string[]} paths Files and folders that it must be able to reach; they need not exist yet.
 * @property {Readonly<Ids>} [preferred] Runs it instead of the first of `names`.
 * @property {boolean} [needsName] It also refuses to run as a user without an entry in /etc/passwd.
 */

/** @type {ServerUser} */
const ourselves = { front: [] };
/** The environment of the server, because it determines where programs are found. */
const env = { LC_ALL: 'C' };

/**
 * The identity under which a server can run and reach all `paths`: the current user or, for root, another user. If that
 * user may not enter a folder, it runs in a user namespace that maps root to that user, or as that user with the
 * capability to bypass file modes. Throws a one-line error if none works.
 * @param {Wanted} wanted
 * @returns {ServerUser}
 */
export function serverUser({ server, names, paths, preferred, needsName = false }) {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && !(needsName && isNameless())) return ourselves;
  const ids = preferred ?? names.map(idsOf).find((found) => found !== undefined) ?? idsOf('nobody');
  if (!ids) return ourselves;
  const ways = isRoot ? [changed(ids), mapped(ids), passing(ids)] : [mapped(ids)];
  const folders = paths.map(folderOf);
  const way = ways.find((each) => canEnter(each, folders));
  if (way) return way;
  const closed = folders.find((folder) => !canEnter(changed(ids), [folder]));
  throw new Error(
    isRoot
      ? `${server} cannot run as root, as user ${ids.uid} it may not enter ${closedFolder(closed ?? '/', ids)}, and ` +
          'user namespaces and capabilities (unshare, setpriv), which would let it, are refused here: start as another ' +
          'user, or move the project to a folder that everybody may enter'
      : `${server} cannot run as user ${process.getuid?.()}, which has no entry in /etc/passwd: add one, or start as another user`,
  );
}

/**
 * The command and options that start a server as `user`.
 * @param {ServerUser} user
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {{ command: string, args: string[], options: Partial<Ids> }}
 */
export function commandAs({ as, front }, program, args) {
  const [command = program, ...rest] = [...front, program, ...args];
  return { command, args: rest, options: as ?? {} };
}

/**
 * The user for a PostgreSQL on `dataDir`: the owner of an existing folder unless that is root, else `postgres` or
 * `nobody`.
 * @param {string} dataDir
 * @param {string} programs Path of its programs.
 */
export function postgresUser(dataDir, programs) {
  const { uid = 0, gid = 0 } = existsSync(dataDir) ? statSync(dataDir) : {};
  return serverUser({
    server: 'PostgreSQL',
    names: ['postgres', 'nobody'],
    paths: [dataDir, programs],
    needsName: !existsSync(join(dataDir, 'PG_VERSION')),
    ...(uid === 0 ? {} : { preferred: { uid, gid } }),
  });
}

function isNameless() {
  if (process.getuid === undefined) return false;
  try {
    return userInfo().username === '';
  } catch {
    return true;
  }
}

/**
 * @param {Ids} ids
 * @returns {ServerUser}
 */
const changed = (ids) => ({ as: ids, front: [], owner: ids });

/**
 * The current rights under the name of another user. Files that the server creates belong to the current user.
 * @param {Ids} ids
 * @returns {ServerUser}
 */
const mapped = ({ uid, gid }) => ({
  front: ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`, '--'],
  owner: { uid: process.getuid?.() ?? uid, gid: process.getgid?.() ?? gid },
});

/**
 * `access(2)` considers the capabilities of a process only with the secure bit.
 * @param {Ids} ids
 * @returns {ServerUser}
 */
const passing = ({ uid, gid }) => ({
  front: [
    ...['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'],
    ...['--securebits=+no_setuid_fixup', '--inh-caps=-all,+dac_override'],
    ...['--ambient-caps=-all,+dac_override', '--bounding-set=-all,+dac_override', '--'],
  ],
  owner: { uid, gid },
});

/**
 * Tests the access itself, because modes are not all that the system checks.
 * @param {ServerUser} user
 * @param {readonly string[]} folders
 */
function canEnter(user, folders) {
  const script = 'for folder; do cd "$folder" || exit 1; done; [ "$(id -u)" != 0 ]';
  const { command, args, options } = commandAs(user, '/bin/sh', ['-c', script, 'sh', ...folders]);
  return spawnSync(command, args, { ...options, cwd: '/', env, stdio: 'ignore' }).status === 0;
}

/**
 * The nearest existing folder above a path.
 * @param {string} path
 * @returns {string}
 */
function folderOf(path) {
  let folder = dirname(resolve(path));
  // A file in place of a folder is reported by the caller that needs the folder.
  while (!existsSync(folder) || !statSync(folder).isDirectory()) folder = dirname(folder);
  return folder;
}

/**
 * The first folder on the path to `folder` that the user may not enter, according to the modes.
 * @param {string} folder
 * @param {Ids} ids
 */
function closedFolder(folder, ids) {
  const way = [folder];
  while (way[0] !== dirname(way[0] ?? '/')) way.unshift(dirname(way[0] ?? '/'));
  const isClosed = (/** @type {string} */ each) => {
    const { mode, uid, gid } = statSync(each);
    return (mode & (uid === ids.uid ? 0o100 : gid === ids.gid ? 0o010 : 0o001)) === 0;
  };
  return way.find(isClosed) ?? folder;
}

/**
 * @param {string} name
 * @returns {Ids | undefined}
 */
function idsOf(name) {
  const id = (/** @type {string} */ flag) =>
    Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}
