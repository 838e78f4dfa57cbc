/** The leaderboards, by name. */
export const leaderboardNames = [
  'top-selling',
  'most-viewed',
  'top-revenue',
  'top-customers',
] as const;
export type LeaderboardName = (typeof leaderboardNames)[number];

/** An entry of a leaderboard: a SKU or the id of a customer, and its count or amount. */
export interface Ranked {
  readonly id: string;
  readonly score: number;
}
