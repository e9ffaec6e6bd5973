// Package deploy_test checks what is in this folder with the tools of those who read it:
// the units with systemd-analyze, the CronJob with the types of Kubernetes.
package deploy_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// mostExposure is the highest exposure of the service, from 0 to 100, that systemd-analyze
// may find: 0 to 20 is what it calls OK.
const mostExposure = "20"

// units returns copies of the units with a program that exists, changed by a replacement,
// if there is one.
func units(t *testing.T, old, new string) []string {
	t.Helper()
	// Older than version 250 it cannot do what is asked of it here.
	version, err := exec.Command("systemd-analyze", "--version").Output()
	var n int
	if _, scanErr := fmt.Sscanf(string(version), "systemd %d", &n); err != nil || scanErr != nil || n < 250 {
		t.Skip("SKIPPED: no systemd-analyze of version 250 or newer, so the units are NOT verified")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files, err := filepath.Glob("systemd/*")
	if err != nil || len(files) != 2 {
		t.Fatalf("the units are %v, want a service and a timer: %v", files, err)
	}
	var copies []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(data), "/usr/local/bin/originpull", self)
		if old != "" {
			text = strings.Replace(text, old, new, 1)
		}
		copies = append(copies, filepath.Join(dir, filepath.Base(file)))
		if err := os.WriteFile(copies[len(copies)-1], []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return copies
}

// analyze returns what systemd-analyze says of the units. Of what it does not know it warns
// only, and its status is 0.
func analyze(t *testing.T, files []string) string {
	t.Helper()
	verified, err := exec.Command("systemd-analyze", append([]string{"verify", "--man=no", "--recursive-errors=no"}, files...)...).CombinedOutput()
	if err != nil {
		return string(verified) + err.Error()
	}
	service := files[slices.IndexFunc(files, func(file string) bool { return strings.HasSuffix(file, ".service") })]
	exposed, err := exec.Command("systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold="+mostExposure, service).CombinedOutput()
	if err != nil {
		return string(verified) + string(exposed)
	}
	return string(verified)
}

// TestUnits: systemd has nothing to say against the units.
func TestUnits(t *testing.T) {
	if said := analyze(t, units(t, "", "")); said != "" {
		t.Errorf("systemd-analyze says\n%s", said)
	}
}

// TestUnitsChecked: it would say so if something were wrong.
func TestUnitsChecked(t *testing.T) {
	for _, wrong := range []struct{ old, new, says string }{
		{"ProtectHome=yes", "ProtectHme=yes", "ProtectHme"},
		{"OnCalendar=daily", "OnCalendar=dayly", "dayly"},
		{"ExecStart=", "ExecStart=/missing", "/missing"},
		{"DynamicUser=yes\nCapabilityBoundingSet=\nNoNewPrivileges=yes\n", "", "exposure"},
	} {
		if said := analyze(t, units(t, wrong.old, wrong.new)); !strings.Contains(said, wrong.says) {
			t.Errorf("with %q systemd-analyze says %q", wrong.new, said)
		}
	}
}

// decode decodes a CronJob as Kubernetes does where fields are validated strictly.
func decode(data []byte) (job batchv1.CronJob, err error) {
	asJSON, err := yaml.YAMLToJSONStrict(data)
	if err != nil {
		return job, err
	}
	strict, err := json.UnmarshalStrict(asJSON, &job)
	return job, errors.Join(append(strict, err)...)
}

// TestCronJob: the CronJob has no field that Kubernetes does not know, runs without
// privileges, and its files are those of the Secrets that it mounts.
func TestCronJob(t *testing.T) {
	data, err := os.ReadFile("kubernetes/cronjob.yaml")
	if err != nil {
		t.Fatal(err)
	}
	job, err := decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if job.APIVersion != "batch/v1" || job.Kind != "CronJob" || job.Spec.ConcurrencyPolicy != batchv1.ForbidConcurrent {
		t.Errorf("it is a %s %s, and its policy %q", job.APIVersion, job.Kind, job.Spec.ConcurrencyPolicy)
	}
	pod := job.Spec.JobTemplate.Spec.Template.Spec
	if len(pod.Containers) != 1 || pod.RestartPolicy != corev1.RestartPolicyNever || *pod.AutomountServiceAccountToken {
		t.Fatalf("the pod is %+v", pod)
	}
	container := pod.Containers[0]
	if s := pod.SecurityContext; !*s.RunAsNonRoot || *s.RunAsUser == 0 || s.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
		t.Errorf("the pod runs as %+v", s)
	}
	if s := container.SecurityContext; *s.AllowPrivilegeEscalation || !*s.ReadOnlyRootFilesystem || !slices.Equal(s.Capabilities.Drop, []corev1.Capability{"ALL"}) {
		t.Errorf("the container runs with %+v", s)
	}
	files := map[string]bool{}
	for _, mount := range container.VolumeMounts {
		i := slices.IndexFunc(pod.Volumes, func(v corev1.Volume) bool { return v.Name == mount.Name })
		if i < 0 || pod.Volumes[i].Secret == nil || !mount.ReadOnly || mount.SubPath != "" {
			t.Fatalf("the mount %+v is not of a Secret, or not as it should be", mount)
		}
		if mode := *pod.Volumes[i].Secret.DefaultMode; mode != 0o440 {
			t.Errorf("the files of %s have mode %o", mount.Name, mode)
		}
		for _, item := range pod.Volumes[i].Secret.Items {
			files[path.Join(mount.MountPath, item.Path)] = true
		}
	}
	used := 0
	for _, arg := range container.Args {
		if flag, file, _ := strings.Cut(arg, "="); strings.HasPrefix(file, "/") {
			if used++; !files[file] {
				t.Errorf("%s is %s, which is not mounted: %v", flag, file, files)
			}
		}
	}
	if used != 3 || len(files) != 3 {
		t.Errorf("of %v the arguments %q use %d", files, container.Args, used)
	}
}

// TestCronJobChecked: a field that Kubernetes does not know is found.
func TestCronJobChecked(t *testing.T) {
	data, err := os.ReadFile("kubernetes/cronjob.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []struct{ old, new string }{
		{"readOnlyRootFilesystem: true", "readOnlyRootFileSystem: true"},
		{"runAsUser: 65532", "runAsUser: nobody"},
		{"backoffLimit: 1", "backofLimit: 1"},
	} {
		text := strings.Replace(string(data), wrong.old, wrong.new, 1)
		if _, err := decode([]byte(text)); err == nil || text == string(data) {
			t.Errorf("%q is accepted", wrong.new)
		}
	}
}
