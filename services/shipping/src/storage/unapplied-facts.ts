/**
 * True for a shipment with a fact that is not applied: each status has as many applied ones as there are moves on the
 * way to it, and none is kept twice; what a carrier tells after it was left never is. Two migrations are made of it, so it
 * never changes.
 */
export const unapplied = `(jsonb_array_length(facts) > CASE status WHEN 'picked_up' THEN 1 WHEN 'in_transit' THEN 2
  WHEN 'delivered' THEN 3 WHEN 'undeliverable' THEN 3 ELSE 0 END OR jsonb_path_exists(tried, '$[*].facts[0]'))`;
