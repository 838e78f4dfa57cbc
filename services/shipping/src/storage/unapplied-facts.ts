/**
 * True for a shipment with a fact that is not applied: each status has as many applied facts as moves lead to it, and no fact
 * is stored twice; facts of a carrier that was left are never applied. Two migrations of releases without returns use this expression, so it
 * must never change.
 */
export const unapplied = `(jsonb_array_length(facts) > CASE status WHEN 'picked_up' THEN 1 WHEN 'in_transit' THEN 2
  WHEN 'delivered' THEN 3 WHEN 'undeliverable' THEN 3 ELSE 0 END OR jsonb_path_exists(tried, '$[*].facts[0]'))`;

/** The same of a release that knows returned parcels. One migration uses this expression, so it must never change either. */
export const unappliedWithReturns = unapplied.replace(
  'ELSE 0 END',
  "WHEN 'returned' THEN 4 ELSE 0 END",
);
