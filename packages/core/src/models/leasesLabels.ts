/** Whether volunteers need the labels of the training pictures: in no other run do labels leave the coordinator (SH3). */
export const leasesLabels = (objective: string): boolean => objective === 'supervised';
