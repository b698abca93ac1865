// SPDX-License-Identifier: MIT
// Made from scenarios/scenario.schema.json by `npm run format`; not to be edited.

/**
 * The machines of an experiment and the matrix of its cells: every system runs every workload with every footprint and seed, as often as `repeats` says. Without `systems`, `workloads` and `footprints` it describes machines only, for `testbed up`.
 */
export interface ScenarioFile {
  $schema?: string;
  /**
   * Short; it becomes part of a run's name.
   */
  name: string;
  /**
   * What the scenario is to show.
   */
  description?: string;
  /**
   * Kernel lines in order of preference, each a folder of kernel-patches/. The next one is taken when the source of the one before cannot be had. `--kernel` pins one.
   */
  kernels: string[];
  /**
   * `debug` has lockdep and its like built in, and is far slower: for finding faults, not for times.
   */
  variant: 'release' | 'debug';
  /**
   * The guests. A system that needs one node only gets one.
   */
  nodes: {
    /**
     * How many; when left out, as many as there are roles, or 2.
     */
    count?: number;
    /**
     * Virtual processors of each.
     */
    cpus: number;
    /**
     * What each node is for, node1 first: a compute node runs programs, a memory node lends its memory. When left out, node1 computes and the others lend.
     */
    roles?: ('compute' | 'memory')[];
  };
  /**
   * RAM of the guests.
   */
  memory: {
    /**
     * Of a node on which a swapping system runs its workload: what is to be too small. The guest itself takes 40 MiB or so of it; 2.6.38.8 boots with 64M, 6.1 wants 96M.
     */
    computeNode: string;
    /**
     * Of a node that lends its memory; `auto` is what it exports and room for itself.
     */
    memoryNode: string;
    /**
     * Of the one node of system `local`; `auto` is the footprint and room for everything else, so that nothing is ever swapped.
     */
    local: string;
    /**
     * What a program may have on node1, in every system but local: the home budget of those that stretch; of those that swap, all else is taken away. The elastic systems need it.
     */
    budget?: string;
  };
  /**
   * The link of each node. After boot it is measured; both figures stand in the results.
   */
  link: {
    /**
     * Each way, of Ethernet frames.
     */
    bandwidth: string;
    /**
     * One way from node to node, on top of what the emulation costs.
     */
    delay: string;
  };
  /**
   * `wall`: guests run as fast as the host lets them. `virtual`: instructions make time, the network is simulated, and a run is the same to the bit wherever and whenever it is repeated; see docs/virtual-time.md.
   */
  time: 'wall' | 'virtual';
  /**
   * Of virtual time; in wall time it is of no account.
   */
  virtualTime: {
    /**
     * An instruction takes 2^N nanoseconds.
     */
    shift: number;
    /**
     * How far a guest may run ahead of the others; `auto` is the link's delay, the most that may be. It changes how long a run takes, not what comes of it.
     */
    quantum: string;
    /**
     * Of everything that is left to chance: keys, the guests' random numbers, faults of the network.
     */
    seed: number;
    /**
     * What may wait in front of each direction of a link; a frame that finds it full is lost.
     */
    queue: string;
    /**
     * How much of each frame the capture keeps; `0` for no capture.
     */
    capture: string;
    /**
     * What goes wrong between the nodes, at the same virtual instants every time.
     */
    faults: {
      /**
       * Part of the frames that vanish.
       */
      loss: number;
      /**
       * Part of the frames that arrive twice.
       */
      duplicate: number;
      /**
       * Part of the frames that are held back by `by`, while those behind them go on.
       */
      reorder?: {
        part: number;
        by: string;
      };
      /**
       * Most that a frame is delayed on top of the link's delay, and those behind it with it.
       */
      jitter: string;
      /**
       * Nodes that are cut off the others, or off one of them, from one instant after the start up to another.
       */
      cuts: {
        node: string;
        from: string;
        to: string;
        /**
         * Only the link between the node and this one; all when left out.
         */
        other?: string;
        /**
         * Only frames that the node sends, or only those that are sent to it.
         */
        way?: 'both' | 'sent' | 'received';
      }[];
      /**
       * Nodes that lose their power at an instant after the start.
       */
      crashes: {
        node: string;
        at: string;
      }[];
      /**
       * Nodes that their host does not run from one instant after the start up to another. Their clocks stand still meanwhile.
       */
      pauses: {
        node: string;
        from: string;
        to: string;
      }[];
      /**
       * Nodes on which no task runs from one instant after the start up to another, while their kernels live.
       */
      freezes: {
        node: string;
        from: string;
        to: string;
      }[];
    };
  };
  /**
   * Where the guests' root file system lies: in RAM, or on a virtio disk with an overlay for each node.
   */
  root: 'initramfs' | 'disk';
  /**
   * Added to every guest kernel's command line.
   */
  kernelArguments: string[];
  /**
   * What `up` makes the nodes ready for: programs that swap over the network, that stretch, both, or nothing. `--with` goes before it. Cells have the set-up of their system.
   */
  with: 'swap' | 'elasticos' | 'both' | 'none';
  /**
   * `local`: enough memory. `disk-swap`: too little, swap on a disk of its own. `nbd-swap`: too little, swap over the network on another node's RAM, as the paper's baseline; `nbd-swap-readahead`: the same at its best. `elasticos`: stretched over several nodes, jumping while it pays; `elasticos-nojump`: pulling only. `migrate`: all of it moves to another node.
   */
  systems?: (
    'local' | 'disk-swap' | 'nbd-swap' | 'nbd-swap-readahead' | 'elasticos' | 'elasticos-nojump' | 'migrate'
  )[];
  /**
   * Programs of guests/workloads.
   */
  workloads?: (
    'linear-search' | 'depth-first-search' | 'dijkstra' | 'heap-sort' | 'block-sort' | 'count-sort'
  )[];
  /**
   * What a workload works on, in bytes or in home budgets (`2x`); with `nodes`, how many nodes a system that stretches gets for it. As many as there are roles when left out.
   */
  footprints?: (
    | string
    | {
        size: string;
        nodes: number;
      }
  )[];
  /**
   * Of the workloads' data; the same seed gives the same data and checksum on any machine.
   */
  seeds: number[];
  /**
   * How often each cell is measured, each time on freshly booted machines.
   */
  repeats: number;
  /**
   * Most time for the workload of one cell; one that takes longer has failed.
   */
  deadline: string;
  /**
   * Whether trials follow each workload on the same machines, as `testbed check` wants them: a program that checks its own memory is pushed, pulled, jumps, and loses a node. Only in virtual time, with two nodes, in the systems that stretch.
   */
  trials: boolean;
  /**
   * Of system nbd-swap.
   */
  nbd: {
    /**
     * vm.page-cluster: swap-in reads ahead 2^N pages. 0, no read-ahead, is what the paper's scripts set.
     */
    pageCluster: number;
    /**
     * vm.page-cluster of nbd-swap-readahead; 3 is the kernel's own.
     */
    readAheadPageCluster: number;
    /**
     * RAM that the memory node exports to each compute node; `auto` is the footprint and a little more.
     */
    size: string;
  };
  /**
   * Of the systems that stretch.
   */
  elastic: {
    /**
     * RAM that each other node lends; `auto` is 1.25 home budgets.
     */
    lend: string;
    /**
     * Pages needed from one node for the execution to jump there; it is learnt from there on.
     */
    threshold: number;
    /**
     * How `elasticos` decides to jump, one cell for each: `adaptive` learns, `threshold 32` jumps after 32 pages from one node, `sticky` never does (it is `elasticos-nojump`). `adaptive` when left out. In results a threshold is part of the system's name: `elasticos-threshold-32`.
     */
    policies: string[];
    /**
     * Pages that one pull may bring at most.
     */
    window: number;
    /**
     * Silence after which another node is lost; whole seconds.
     */
    lease: string;
    /**
     * Whether the kernels encrypt and authenticate what they say to each other.
     */
    wire: 'plain' | 'sealed';
  };
  /**
   * Of system disk-swap, and of migrate where a process is too large for the node that it moves to; both need it: there is no such thing as the speed of an emulated disk unless it is said.
   */
  disk?: {
    /**
     * Throughput of the emulated disk, reads and writes together.
     */
    bytesPerSecond: string;
    /**
     * Requests that the emulated disk serves, reads and writes together.
     */
    operationsPerSecond: number;
    /**
     * As for nbd.
     */
    pageCluster: number;
    /**
     * Of the disk; `auto` is the footprint and a little more.
     */
    size: string;
  };
}
