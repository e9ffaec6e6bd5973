# The simulator of the API: make image. Nothing is in the image but the program, which make
# builds for Linux, so it has no shell, no package of others, and needs no base image.
FROM scratch
# The umask of who builds it must not keep the user below from running it.
COPY --chmod=0755 originpull /originpull
USER 65532:65532
EXPOSE 8787
ENTRYPOINT ["/originpull"]
CMD ["serve", "--addr", "0.0.0.0:8787"]
