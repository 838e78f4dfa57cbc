import type { Alert } from './alert.ts';
import { alertRules, runbookAt, silentGateway } from './alert-rules.ts';

/** What is sent of an alert, to people. */
export interface AlertText {
  readonly subject: string;
  readonly lines: readonly string[];
}

/** What the links of alerts begin with. */
export interface AlertLinks {
  /** Where people open the shop and the console, without a slash at the end. */
  readonly publicUrl: string;
  /** The repository with a slash at the end, whose runbooks are shown instead of those at `publicUrl`. */
  readonly repository: string | null;
}

/** An alert, or its end, in words. */
export function alertText(
  alert: Alert,
  event: 'firing' | 'resolved' | 'test',
  { publicUrl, repository }: AlertLinks,
): AlertText {
  const { rule, service, check, about, value, threshold, unit, severity, startedAt } = alert;
  const summary = [...alertRules, silentGateway].find(({ name }) => name === rule)?.summary ?? rule;
  const of = about === null ? service : `${service}, ${about}`;
  const measured = value === null ? 'it does not answer' : `${value} ${unit}`;
  return {
    subject: `[${event === 'firing' ? severity : event}] ${summary} (${of})`,
    lines: [
      `${summary}: ${of}`,
      `${check}: ${measured}${threshold === null ? '' : `, limit ${threshold}`}`,
      `since ${startedAt}${alert.resolvedAt === null ? '' : `, until ${alert.resolvedAt}`}`,
      `what to do: ${repository === null ? publicUrl : ''}${runbookAt(rule, repository)}`,
    ],
  };
}
