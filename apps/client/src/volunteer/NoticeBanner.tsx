import type { VolunteerView } from '@murmur/core/volunteer/view';
import { useState } from 'preact/hooks';
import { noticeWords, prominentNotice } from './computeWords.ts';

/** The newest thing that went wrong and what was done about it, while it is news; the panel lists all of them. */
export function NoticeBanner({ view }: { view: VolunteerView }) {
  const [dismissed, setDismissed] = useState('');
  const notice = prominentNotice(view.compute, view.round);
  const words = notice === undefined ? '' : noticeWords(notice);
  // The region is there before there is news: only then do screen readers read it out.
  return (
    <div class="noticeSlot" role="status" aria-label="Trouble on this computer">
      {words !== '' && words !== dismissed && (
        <div class="banner warning">
          <p>{words}</p>
          <button class="small" onClick={() => setDismissed(words)}>
            Dismiss
          </button>
        </div>
      )}
    </div>
  );
}
