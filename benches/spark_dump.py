#!/usr/bin/env python3
"""Makes the heap dump of a Spark driver that README's performance table has: a real application, about 15 M objects in 0.8 GB.

usage: spark_dump.py DUMP [ROWS_OF_THE_DATA_FRAME] [ROWS_OF_THE_RDD]

Needs a JDK 17 (java, jcmd) and `pip install pyspark==3.5.1`. Spark runs in local mode with a cached data frame (columns as byte
arrays) and a cached RDD (rows as Java objects).
"""
import os
import subprocess
import sys

from pyspark.sql import SparkSession, functions as F

dump = os.path.abspath(sys.argv[1])
columns = int(sys.argv[2]) if len(sys.argv) > 2 else 4_000_000
rows = int(sys.argv[3]) if len(sys.argv) > 3 else 2_400_000

spark = (
    SparkSession.builder.master("local[2]")
    .config("spark.driver.memory", "6g")
    .config("spark.sql.inMemoryColumnarStorage.compressed", "false")
    .getOrCreate()
)
name = lambda prefix: F.concat(F.lit(prefix), F.col("id").cast("string")).alias("name")
frame = spark.range(columns).select("id", (F.col("id") % 1000).alias("k"), name("customer-"), F.rand(1).alias("v"))
frame.cache()
frame.count()
frame.groupBy("k").agg(F.sum("v")).count()
objects = spark.range(rows).select("id", name("row-"), F.rand(2).alias("v"))._jdf.rdd().cache()
objects.count()
pid = spark._jvm.java.lang.ProcessHandle.current().pid()
subprocess.run(["jcmd", str(pid), "GC.heap_dump", dump], check=True)
spark.stop()
