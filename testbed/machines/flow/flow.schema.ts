// SPDX-License-Identifier: MIT
// Made from guests/flows/flow.schema.json by `npm run format`; not to be edited.

/**
 * Scripts that are run on the nodes over ssh, one after the other. A flow runs once for each compute node, which is paired with a memory node; the file's name is the flow's.
 */
export interface FlowFile {
  $schema?: string;
  /**
   * What the flow does, in a few words.
   */
  title: string;
  /**
   * Variables for every step. EOS_LOCAL_ADDRESS and EOS_REMOTE_MACHINE are set by the testbed; what the caller sets comes first.
   */
  env?: {
    [k: string]: string;
  };
  steps: {
    /**
     * Name of the step, unique in its flow.
     */
    id: string;
    title: string;
    /**
     * Which node of the pair runs the step.
     */
    role: 'compute' | 'memory';
    /**
     * Run once on every node of the role, whether it is in a pair or not, instead of once for each pair. Its peer is the first node of the other role.
     */
    everyNode?: boolean;
    /**
     * A script of guests/, which lies in /usr/lib/testbed on every node.
     */
    script: string;
    arguments?: string[];
    env?: {
      [k: string]: string;
    };
    /**
     * Time to let pass before the step, because what it sets up needs it; not a means to wait for something.
     */
    delayMs?: number;
    /**
     * Time for the step to end, or for its evidence to come; a minute when left out.
     */
    deadlineMs?: number;
    /**
     * For a step that goes on running: what shows that it has begun to do its work.
     */
    until?:
      | {
          /**
           * Text of which a line of its output consists or contains.
           */
          line: string;
        }
      | {
          /**
           * A TCP port on which something on the node listens.
           */
          port: number;
        };
  }[];
}
