/** Every reason that one end gives another, with the sentence a person reads. */
export const REASON_SENTENCES = {
  'protocol-version':
    'This page is of another version than the coordinator. Reload it (headless: update and join again).',
  'schema-mismatch':
    'The model here has other parameters than the run. Reload the page to fetch the right one.',
  'bad-token': 'The join token is missing or wrong. Ask the operator for the whole join address.',
  'run-full': 'This run has as many volunteers as it can take. Try again later.',
  banned: 'This volunteer was excluded from the run. Ask the operator, who sees why and can let it in again.',
  'bad-message': 'The coordinator received a message that it does not understand and dropped it.',
  'too-large': 'A message was larger than the protocol allows and was dropped.',
  'wrong-round': 'The work was for a round that is over. The next round takes it up again.',
  'not-a-member': 'This volunteer is not part of the round it spoke of.',
  'wrong-size': 'The update has another size than the round asked for.',
  'wrong-hash': 'The bytes are not those that were announced.',
  implausible: 'The reduced part is far larger than what its contributors announced and was discarded.',
  'non-finite': 'The update contains values that are not numbers and was discarded.',
  malformed: 'The update is not written as its codec writes it and was discarded.',
  duplicate: 'This was received before.',
  'no-contribution': 'No volunteer finished its training in time, so the round changed nothing.',
  'no-part': 'No part of the update could be reduced in time, so the round changed nothing.',
  'too-few-volunteers': 'Too few volunteers were left, so the round changed nothing.',
  'commit-failed': 'The coordinator could not store the new version, so the round changed nothing.',
  restarted: 'The coordinator was restarted, so the open round changed nothing.',
} as const;

export type Reason = keyof typeof REASON_SENTENCES;
export const REASONS = Object.keys(REASON_SENTENCES) as [Reason, ...Reason[]];
