/** Figures as a person reads them. Every function is pure; units are in the names. A dash stands for "unknown". */

const DASH = '–';
const THIN_SPACE = '\u202f';

const withDigits = (value: number, digits: number): string =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** Three significant figures at most: 1.23, 12.3, 123. */
const shortNumber = (value: number): string =>
  withDigits(value, value >= 100 || Number.isInteger(value) ? 0 : value >= 10 ? 1 : 2);

/** `20,000` */
export const formatCount = (count: number): string =>
  Number.isFinite(count) ? withDigits(Math.round(count), 0) : DASH;

/** `1 volunteer`, `3 volunteers` */
export const formatPlural = (count: number, one: string, many: string = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

/** `920 K`, `1.5 M`; plain below ten thousand. */
export function formatCompact(count: number): string {
  if (!Number.isFinite(count)) return DASH;
  if (count >= 1e9) return `${shortNumber(count / 1e9)}${THIN_SPACE}B`;
  if (count >= 999_500) return `${shortNumber(count / 1e6)}${THIN_SPACE}M`;
  if (count >= 10_000) return `${shortNumber(count / 1e3)}${THIN_SPACE}K`;
  return formatCount(count);
}

/** Decimal units, as disks and networks count: `0 B`, `512 B`, `1.50 MB`. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return DASH;
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  const text = power === 0 ? formatCount(value) : shortNumber(value);
  return `${text}${THIN_SPACE}${units[power]}`;
}

/** Always in megabytes, so that the figures of a column compare: `0.00 MB`, `12.3 MB`. */
export const formatMegabytes = (bytes: number): string => {
  const value = bytes / 1e6;
  return `${withDigits(value, value >= 100 ? 0 : value >= 10 ? 1 : 2)}${THIN_SPACE}MB`;
};

/** Per second, without the unit: `0`, `3.4`, `1,240`. */
export const formatRate = (perSecond: number): string =>
  Number.isFinite(perSecond) ? withDigits(perSecond, perSecond > 0 && perSecond < 10 ? 1 : 0) : DASH;

/** Whole seconds below ten minutes, then the two largest units: `8 s`, `2 min 5 s`, `1 h 12 min`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return DASH;
  const seconds = Math.max(0, Math.round(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${seconds}${THIN_SPACE}s`;
  if (minutes < 10 && seconds % 60 > 0) return `${minutes}${THIN_SPACE}min ${seconds % 60}${THIN_SPACE}s`;
  if (minutes < 60) return `${minutes}${THIN_SPACE}min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48
    ? `${hours}${THIN_SPACE}h ${minutes % 60}${THIN_SPACE}min`
    : `${Math.round(hours / 24)} days`;
}

/** Seconds with one decimal, for lengths of a round: `4.2 s`. */
export const formatSeconds = (ms: number): string => `${withDigits(ms / 1000, 1)}${THIN_SPACE}s`;

/** A share of 1 as a percentage: `52.1 %`. */
export const formatShare = (share: number, digits = 1): string =>
  Number.isFinite(share) ? `${withDigits(share * 100, digits)}${THIN_SPACE}%` : DASH;

/** Whole percent, rounded down so that 100 % means done. */
export const formatProgress = (share: number): string =>
  `${Math.floor(Math.min(1, Math.max(0, share)) * 100 + 1e-9)}${THIN_SPACE}%`;

export const formatLoss = (loss: number | null | undefined): string =>
  loss === null || loss === undefined || !Number.isFinite(loss) ? DASH : withDigits(loss, loss >= 10 ? 1 : 3);
