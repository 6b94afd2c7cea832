"""One run over many units of data, in this process, in a pool of processes, on Spark or on Dask."""
