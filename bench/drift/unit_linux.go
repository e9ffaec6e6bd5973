package main

// maxrssUnit is the unit in bytes in which the system counts a peak of memory.
const maxrssUnit = 1024
