import type { Alert } from './alert.ts';
import { alertRules, runbookOf, silentGateway } from './alert-rules.ts';

/** What is sent of an alert, to people. */
export interface AlertText {
  readonly subject: string;
  readonly lines: readonly string[];
}

/** An alert, or its end, in words. `runbooks` is where the repository can be read, or empty. */
export function alertText(
  alert: Alert,
  event: 'firing' | 'resolved' | 'test',
  runbooks: string,
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
      `what to do: ${runbooks}${runbookOf(rule)}`,
    ],
  };
}
