/** Opens the crowd that it is sent, until it is told to leave or whoever forked it is gone. */
import { openCrowd, type Crowd, type CrowdPlan } from './crowd.ts';

let crowd: Crowd | undefined;

process.on('message', (message: CrowdPlan | 'leave') => {
  if (message === 'leave') void crowd?.leave().then((sent) => process.send?.(sent));
  else crowd = openCrowd(message);
});
process.on('disconnect', () => process.exit());
