/** How many of the partitions of a group one of its members should own. */
export interface Share {
  /** Below it, the member waits for partitions. */
  readonly least: number;
  /** Above it, the member gives partitions up. */
  readonly most: number;
  /** It may take a free one up to here. */
  readonly wanted: number;
}

/**
 * The share of each of `members`, as even as possible. When a member has `joined`, the others go down to what is left for each, so that
 * the new one gets its part where the partitions do not divide evenly.
 */
export function shareOf(partitions: number, members: number, joined: boolean): Share {
  const least = Math.floor(partitions / members);
  const all = Math.ceil(partitions / members);
  return { least, most: joined ? Math.max(least, 1) : all, wanted: joined ? least : all };
}
